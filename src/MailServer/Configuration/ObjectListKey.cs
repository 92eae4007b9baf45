namespace MailServer.Configuration;

/// <summary>A key whose value is a list of objects.</summary>
internal interface IObjectListKey<TOptions>
{
    TOptions Apply(string path, TOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems);
}

/// <summary>A key with a list of <typeparamref name="TItem"/> objects, each of which must have the keys in <paramref name="Needed"/>.</summary>
internal sealed record ObjectListKey<TOptions, TItem>(
    string Name, string Example, IReadOnlyList<ConfigurationKey<TItem>> Keys, IReadOnlyList<string> Needed, Func<TOptions, IReadOnlyList<TItem>, TOptions> Set)
    : ConfigurationKey<TOptions>(Name, $"a list of items such as '{Example}'", IsList: true), IObjectListKey<TOptions>
    where TItem : new()
{
    public override IEnumerable<ConfigurationKeyOutline> Outline(string section, TOptions defaults) =>
        [.. base.Outline(section, defaults), .. Keys.SelectMany(k => k.Outline($"{section}.{Name}", new TItem())).Select(o => Needed.Contains(o.Name, StringComparer.Ordinal) ? o with { Default = null } : o)];

    public override bool TrySet(TOptions options, IReadOnlyList<string> values, out TOptions changed, out string refused)
    {
        (changed, refused) = (options, values[0]);
        return false;
    }

    public TOptions Apply(string path, TOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        var items = new List<TItem>();
        foreach (var group in entries.GroupBy(e => ItemOf(path, e.Path), StringComparer.Ordinal))
        {
            var first = group.First();
            if (group.Key.Length == 0)
            {
                if (!group.All(e => e.Path == path && e.IsEmptyList)) problems.Add(new ConfigurationProblem(first.Source, first.Line, path, $"must be {Allowed}"));
                continue;
            }

            items.Add(ConfigurationSections.Apply(group.Key, Keys, new TItem(), [.. group], problems));
            foreach (var key in Needed.Where(k => !group.Any(e => e.Path == $"{group.Key}.{k}")))
                problems.Add(new ConfigurationProblem(first.Source, first.Line, group.Key, $"has no {key}"));
        }

        return Set(options, items.Count == 0 ? (IReadOnlyList<TItem>)[] : items);
    }

    // "delivery.routes.0.host" belongs to "delivery.routes.0"; a path without an index belongs to no item.
    private static string ItemOf(string path, string entry)
    {
        if (entry.Length <= path.Length + 1) return "";
        var rest = entry[(path.Length + 1)..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot > 0 && rest.AsSpan(0, dot).IndexOfAnyExceptInRange('0', '9') < 0 ? $"{path}.{rest[..dot]}" : "";
    }
}
