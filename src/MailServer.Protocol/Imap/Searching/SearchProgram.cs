using System.Text;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Searching;

/// <summary>The charset and keys of a search. The key is null when the charset is not supported.</summary>
internal sealed record SearchProgram(SearchKey? Key)
{
    /// <summary>The client has named a charset.</summary>
    public bool HasCharset { get; init; }

    /// <summary>The search refers to mod-sequences (RFC 7162 §3.1.5).</summary>
    public bool UsesModSeq => Key is { UsesModSeq: true };

    /// <summary>SEARCH: an optional <c>CHARSET name</c>, then the keys.</summary>
    public static SearchProgram? Read(ref ImapReader reader) => reader.TryReadWord("CHARSET "u8) ? ReadWithCharset(ref reader) is { } program ? program with { HasCharset = true } : null : ReadKeys(ref reader);

    /// <summary>SORT and THREAD (RFC 5256 §5): the name of a charset, then the keys.</summary>
    public static SearchProgram? ReadWithCharset(ref ImapReader reader)
    {
        if (!reader.ReadAString(out var charset) || !reader.ReadSpace()) return null;
        if (Ascii.EqualsIgnoreCase(charset, "UTF-8"u8) || Ascii.EqualsIgnoreCase(charset, "US-ASCII"u8)) return ReadKeys(ref reader);
        reader.SkipAll();
        return new SearchProgram((SearchKey?)null);
    }

    private static SearchProgram? ReadKeys(ref ImapReader reader) => SearchKeyParser.ReadKeys(ref reader) is { } key ? new SearchProgram(key) : null;
}
