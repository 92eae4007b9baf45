namespace MailServer.Protocol.Sieve.Syntax;

/// <summary>A command or a test of the syntax tree (RFC 5228 §8.2).</summary>
internal sealed class SieveNode(string name, int offset)
{
    public string Name { get; } = name;

    public int Offset { get; } = offset;

    public List<SieveArgument> Arguments { get; } = [];

    /// <summary>The test, or the tests of a list.</summary>
    public List<SieveNode> Tests { get; } = [];

    /// <summary>Whether the tests are written as a list.</summary>
    public bool HasTestList { get; set; }

    /// <summary>The commands of the block; null without one.</summary>
    public List<SieveNode>? Block { get; set; }

    public bool Is(string name) => Name.Equals(name, StringComparison.OrdinalIgnoreCase);
}

internal enum SieveArgumentKind
{
    Text,
    TextList,
    Number,
    Tag,
}

/// <summary>A string of a script with its place.</summary>
internal readonly record struct SieveString(string Value, int Offset);

/// <summary>An argument of a command or test.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Tag">The tag without its colon, otherwise empty.</param>
/// <param name="Number">The value of a number.</param>
/// <param name="Texts">The string, or the strings of a list.</param>
internal sealed record SieveArgument(SieveArgumentKind Kind, int Offset, string Tag, long Number, IReadOnlyList<SieveString> Texts)
{
    /// <summary>The argument as an error message names it.</summary>
    public string Describe() => Kind switch
    {
        SieveArgumentKind.Text => "a string",
        SieveArgumentKind.TextList => "a string list",
        SieveArgumentKind.Number => "a number",
        _ => $"':{Tag}'",
    };
}
