namespace MailServer.Configuration;

/// <summary>A section of the configuration, independent of the type of its options.</summary>
internal interface IConfigurationSection
{
    string Name { get; }

    /// <summary>What the section is for, in Markdown.</summary>
    string Text { get; }

    /// <summary>All keys in the order of the reference.</summary>
    IReadOnlyList<ConfigurationKeyOutline> Outline { get; }

    IEnumerable<string> KeyNames { get; }

    /// <summary>The names of those keys whose value is a list.</summary>
    IEnumerable<string> ListNames { get; }

    /// <summary>Applies the <paramref name="entries"/> of this section to <paramref name="options"/>, and adds errors to <paramref name="problems"/>.</summary>
    MailServerOptions Apply(MailServerOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems);
}

/// <summary>A section with options <typeparamref name="TOptions"/>.</summary>
internal sealed record ConfigurationSection<TOptions>(
    string Name,
    string Text,
    Func<MailServerOptions, TOptions> Get,
    Func<MailServerOptions, TOptions, MailServerOptions> Set,
    IReadOnlyList<ConfigurationKey<TOptions>> Keys) : IConfigurationSection
{
    public IReadOnlyList<ConfigurationKeyOutline> Outline => [.. Keys.SelectMany(k => k.Outline(Name, Get(new MailServerOptions())))];

    public IEnumerable<string> KeyNames => Keys.Select(static k => k.Name);

    public IEnumerable<string> ListNames => Keys.Where(static k => k.IsList).Select(static k => k.Name);

    public MailServerOptions Apply(MailServerOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems) =>
        Set(options, ConfigurationSections.Apply(Name, Keys, Get(options), entries, problems));
}

/// <summary>Applies the entries of a section to its options.</summary>
internal static class ConfigurationSections
{
    public static TOptions Apply<TOptions>(
        string section, IReadOnlyList<ConfigurationKey<TOptions>> keys, TOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        foreach (var group in entries.GroupBy(e => KeyOf(section, e.Path), StringComparer.Ordinal))
        {
            var first = group.First();
            var path = group.Key.Length == 0 ? section : $"{section}.{group.Key}";
            if (group.Key.Length == 0 && first.Shape == EntryShape.EmptyMapping) continue;
            if (keys.FirstOrDefault(k => k.Name == group.Key) is { } key) options = Apply(key, path, options, [.. group], problems);
            else if (group.Key.Length == 0) problems.Add(new ConfigurationProblem(first.Source, first.Line, path, $"'{first.Value}' is not valid here; expected keys: {string.Join(", ", keys.Select(k => k.Name))}"));
            else problems.Add(new ConfigurationProblem(first.Source, first.Line, path, "unknown key; " + Suggestion.For(group.Key, [.. keys.Select(k => k.Name)])));
        }

        return options;
    }

    private static TOptions Apply<TOptions>(
        ConfigurationKey<TOptions> key, string path, TOptions options, IReadOnlyList<ConfigurationEntry> entries, List<ConfigurationProblem> problems)
    {
        if (key is IObjectListKey<TOptions> items) return items.Apply(path, options, entries, problems);
        if (!entries.All(e => IsShaped(e, path, key.IsList)))
        {
            problems.Add(new ConfigurationProblem(entries[0].Source, entries[0].Line, path, $"must be {key.Allowed}{(key.IsList ? " or a list of them" : ", without keys below it")}"));
            return options;
        }

        var values = key.IsList ? entries.SelectMany(e => ValuesOf(e, path)).ToArray() : [entries[0].Value];
        if (key.TrySet(options, values, out var changed, out var refused)) return changed;
        var at = entries.First(e => !key.IsList || e.Value.Contains(refused, StringComparison.Ordinal));
        problems.Add(new ConfigurationProblem(at.Source, at.Line, path, refused.Length == 0 ? $"is empty; expected {key.Allowed}" : $"'{refused}' is not {key.Allowed}"));
        return options;
    }

    private static bool IsShaped(ConfigurationEntry entry, string path, bool isList) => entry.Shape switch
    {
        EntryShape.Scalar => entry.Path == path || (isList && IsItem(entry.Path, path)),
        EntryShape.EmptyList => isList && entry.Path == path,
        _ => false,
    };

    private static string[] ValuesOf(ConfigurationEntry entry, string path) =>
        entry.IsEmptyList && entry.Path == path ? [] : entry.Value.Split(',', StringSplitOptions.TrimEntries);

    private static bool IsItem(string entry, string path) =>
        entry.StartsWith(path + ".", StringComparison.Ordinal) && entry.AsSpan(path.Length + 1).IndexOfAnyExceptInRange('0', '9') < 0;

    private static string KeyOf(string section, string path)
    {
        if (path.Length == section.Length) return "";
        var rest = path[(section.Length + 1)..];
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        return dot < 0 ? rest : rest[..dot];
    }
}
