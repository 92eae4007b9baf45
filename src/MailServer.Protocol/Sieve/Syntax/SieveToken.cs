namespace MailServer.Protocol.Sieve.Syntax;

internal enum SieveTokenKind
{
    Identifier,
    Tag,
    Number,
    Text,
    /// <summary>One of <c>; , ( ) { } [ ]</c>.</summary>
    Mark,
    /// <summary>Something that is no token; the error has been reported.</summary>
    Invalid,
    End,
}

/// <summary>A lexical token (RFC 5228 §8.1).</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Offset">Where it begins.</param>
/// <param name="Text">An identifier, a tag without its colon, the value of a string, or a mark.</param>
/// <param name="Number">The value of a number.</param>
internal readonly record struct SieveToken(SieveTokenKind Kind, int Offset, string Text, long Number = 0)
{
    public bool Is(char mark) => Kind == SieveTokenKind.Mark && Text[0] == mark;

    /// <summary>The token as an error message names it.</summary>
    public string Describe() => Kind switch
    {
        SieveTokenKind.Identifier => $"'{Text}'",
        SieveTokenKind.Tag => $"':{Text}'",
        SieveTokenKind.Number => "a number",
        SieveTokenKind.Text => "a string",
        SieveTokenKind.Mark => $"'{Text}'",
        _ => "the end of the script",
    };
}

/// <summary>A comment with its place; its text begins with <c>#</c> or <c>/*</c>.</summary>
internal readonly record struct SieveComment(int Offset, string Text);
