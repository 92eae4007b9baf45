namespace MailServer.Configuration;

/// <summary>Sets options from the entries of a configuration.</summary>
internal static class OptionsBinder
{
    /// <summary>Sets the options of a section, or of an item of a list of objects.</summary>
    /// <param name="section">The path of the section or item.</param>
    /// <param name="keys">Its keys.</param>
    /// <param name="options">Its options, which are changed.</param>
    /// <param name="entries">What is written there.</param>
    /// <param name="problems">Errors are added here.</param>
    public static void Bind(string section, IReadOnlyList<ConfigurationKey> keys, object options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        foreach (var group in entries.GroupBy(e => FirstPart(section, e.Path), StringComparer.Ordinal))
        {
            var first = group.First();
            var path = group.Key.Length == 0 ? section : $"{section}.{group.Key}";
            if (group.Key.Length == 0 && first.Shape == EntryShape.EmptyMapping) continue;
            if (keys.FirstOrDefault(k => k.Name == group.Key) is { } key) Bind(key, path, options, [.. group], problems);
            else if (group.Key.Length == 0) problems.Add(new ConfigurationProblem(first.Source, first.Line, path, $"'{first.Value}' is not valid here; expected keys: {string.Join(", ", keys.Select(static k => k.Name))}"));
            else problems.Add(new ConfigurationProblem(first.Source, first.Line, path, "unknown key; " + Suggestion.For(group.Key, [.. keys.Select(static k => k.Name)])));
        }
    }

    /// <summary>Sets the option of one key.</summary>
    public static void Bind(ConfigurationKey key, string path, object options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        if (key.Keys.Count > 0) BindItems(key, path, options, entries, problems);
        else if (entries.All(e => IsShaped(e, path, key.IsList))) BindValues(key, path, options, entries, problems);
        else problems.Add(new ConfigurationProblem(entries[0].Source, entries[0].Line, path, $"must be {key.Allowed}{(key.IsList ? " or a list of them" : ", without keys below it")}"));
    }

    private static void BindValues(ConfigurationKey key, string path, object options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        var values = key.IsList ? entries.SelectMany(e => ValuesOf(e, path)).ToArray() : [entries[0].Value];
        if (key.TrySet(options, values, out var refused)) return;
        var at = entries.First(e => !key.IsList || e.Value.Contains(refused, StringComparison.Ordinal));
        problems.Add(new ConfigurationProblem(at.Source, at.Line, path, refused.Length == 0 ? $"is empty; expected {key.Allowed}" : $"'{refused}' is not {key.Allowed}"));
    }

    /// <summary>A list of objects: <c>delivery.routes.0.host</c> belongs to its item <c>delivery.routes.0</c>.</summary>
    private static void BindItems(ConfigurationKey key, string path, object options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        var items = new List<object>();
        foreach (var group in entries.GroupBy(e => FirstPart(path, e.Path), StringComparer.Ordinal))
        {
            var first = group.First();
            if (group.Key.Length == 0 && group.All(static e => e.IsEmptyList)) continue;
            if (!IsIndex(group.Key))
            {
                problems.Add(new ConfigurationProblem(first.Source, first.Line, path, $"must be {key.Allowed}"));
                continue;
            }

            var (place, item) = ($"{path}.{group.Key}", key.NewItem());
            Bind(place, key.Keys, item, [.. group], problems);
            foreach (var needed in key.Keys.Where(k => k.IsRequired && !group.Any(e => e.Path == $"{place}.{k.Name}")))
                problems.Add(new ConfigurationProblem(first.Source, first.Line, place, $"has no {needed.Name}"));
            items.Add(item);
        }

        key.Set(options, items);
    }

    private static bool IsShaped(ConfigurationEntry entry, string path, bool isList) => entry.Shape switch
    {
        EntryShape.Scalar => entry.Path == path || (isList && entry.Path.StartsWith(path + ".", StringComparison.Ordinal) && IsIndex(entry.Path.AsSpan(path.Length + 1))),
        EntryShape.EmptyList => isList && entry.Path == path,
        _ => false,
    };

    private static string[] ValuesOf(ConfigurationEntry entry, string path) =>
        entry.IsEmptyList && entry.Path == path ? [] : entry.Value.Split(',', StringSplitOptions.TrimEntries);

    private static bool IsIndex(ReadOnlySpan<char> part) => part.Length > 0 && !part.ContainsAnyExceptInRange('0', '9');

    /// <summary>The part of a path that follows a section; empty for the section itself.</summary>
    private static string FirstPart(string section, string path)
    {
        if (path.Length == section.Length) return "";
        var rest = path[(section.Length + 1)..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? rest : rest[..dot];
    }
}
