using System.Diagnostics.CodeAnalysis;

namespace MailServer.Configuration;

/// <summary>A key of the section with options <typeparamref name="TOptions"/>: its name, allowed values, and how they change the options.</summary>
internal abstract record ConfigurationKey<TOptions>(string Name, string Allowed, bool IsList)
{
    /// <summary>What the key does, in Markdown: one line of the reference and a comment of the example.</summary>
    public string Text { get; init; } = "";

    /// <summary>A value for the example if the key has no default, or one that follows from something else.</summary>
    public string? Example { get; init; }

    /// <summary>Whether the contents of the file that the key names take effect without a restart.</summary>
    public bool IsFileReread { get; init; }

    /// <summary>Whether every configuration should set the key.</summary>
    public bool IsAdvised { get; init; }

    /// <summary>Describes the key and, for a list of objects, those of its items.</summary>
    /// <param name="section">The path of the section.</param>
    /// <param name="defaults">Options with the default values.</param>
    public virtual IEnumerable<ConfigurationKeyOutline> Outline(string section, TOptions defaults) =>
        [new($"{section}.{Name}", Allowed, IsList, Text, Example is null ? DefaultOf(defaults) : null) { Example = Example, IsFileReread = IsFileReread, IsAdvised = IsAdvised }];

    /// <summary>The default value as it is written in YAML; null if there is none.</summary>
    protected string? DefaultOf(TOptions defaults) =>
        ConfigurationDefault.Write(typeof(TOptions).GetProperties().Single(p => string.Equals(p.Name, Name.Replace("_", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase)).GetValue(defaults), Allowed);

    /// <summary>Sets the values, of which a list has any number and other keys exactly one. Returns false and the invalid value in <paramref name="refused"/> if one is not allowed.</summary>
    public abstract bool TrySet(TOptions options, IReadOnlyList<string> values, out TOptions changed, [NotNullWhen(false)] out string? refused);
}

/// <summary>A key with one value.</summary>
internal sealed record ScalarKey<TOptions, T>(string Name, ConfigurationValue<T> Value, Func<TOptions, T, TOptions> Set)
    : ConfigurationKey<TOptions>(Name, Value.Allowed, IsList: false)
{
    public override bool TrySet(TOptions options, IReadOnlyList<string> values, out TOptions changed, [NotNullWhen(false)] out string? refused)
    {
        var allowed = Value.TryRead(values[0], out var value);
        changed = allowed ? Set(options, value!) : options;
        refused = allowed ? null : values[0];
        return allowed;
    }
}

/// <summary>A key with one value or a list of them. The list may be empty unless <paramref name="NeedsItem"/> is set.</summary>
internal sealed record ListKey<TOptions, T>(string Name, ConfigurationValue<T> Value, Func<TOptions, IReadOnlyList<T>, TOptions> Set, bool NeedsItem)
    : ConfigurationKey<TOptions>(Name, Value.Allowed, IsList: true)
{
    public override bool TrySet(TOptions options, IReadOnlyList<string> values, out TOptions changed, [NotNullWhen(false)] out string? refused)
    {
        (changed, refused) = (options, "");
        if (NeedsItem && values.Count == 0) return false;
        var list = new List<T>(values.Count);
        foreach (var text in values)
        {
            refused = text;
            if (!Value.TryRead(text, out var value)) return false;
            list.Add(value);
        }

        changed = Set(options, list.Count == 0 ? (IReadOnlyList<T>)[] : list);
        refused = null;
        return true;
    }
}
