namespace MailServer.Configuration;

/// <summary>Makes an option a configuration key. The name, type and default of the key are those of the property; what they do not say is here.</summary>
/// <param name="text">What the key or section does, in Markdown: one line of the reference and a comment of the example.</param>
[AttributeUsage(AttributeTargets.Property)]
internal sealed class KeyAttribute(string text) : Attribute
{
    public string Text { get; } = text;

    /// <summary>The field of <see cref="ConfigurationValues"/> with the allowed values, if the type of the property does not imply them.</summary>
    public string? Value { get; init; }

    /// <summary>The smallest allowed number.</summary>
    public int Min { get; init; }

    /// <summary>The largest allowed number; 0 for keys that are not numbers.</summary>
    public int Max { get; init; }

    /// <summary>What the value must be, for a list of objects.</summary>
    public string? Allowed { get; init; }

    /// <summary>A value for the example if the key has no default, or one that follows from something else.</summary>
    public string? Example { get; init; }

    /// <summary>Whether a list needs an item, or every item of a list needs the key.</summary>
    public bool IsRequired { get; init; }

    /// <summary>Whether the contents of the file that the key names take effect without a restart.</summary>
    public bool IsFileReread { get; init; }

    /// <summary>Whether every configuration should set the key.</summary>
    public bool IsAdvised { get; init; }
}
