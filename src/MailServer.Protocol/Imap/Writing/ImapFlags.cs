using System.Text;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Writing;

/// <summary>The wire format of flags (RFC 3501 §2.3.2).</summary>
internal static class ImapFlags
{
    private const int MaxKeywordLength = 128;

    private static readonly (SystemFlags Flag, string Name)[] Names =
    [
        (SystemFlags.Answered, @"\Answered"),
        (SystemFlags.Flagged, @"\Flagged"),
        (SystemFlags.Deleted, @"\Deleted"),
        (SystemFlags.Seen, @"\Seen"),
        (SystemFlags.Draft, @"\Draft"),
    ];

    // All combinations of system flags, encoded in advance.
    private static readonly byte[][] Combinations = [.. Enumerable.Range(0, 32).Select(bits => Encoding.ASCII.GetBytes(
        string.Join(' ', Names.Where(n => ((int)n.Flag & bits) != 0).Select(n => n.Name))))];

    /// <summary>Writes the flags in parentheses.</summary>
    public static void Write(ref ImapWriter writer, in MessageFlags flags, bool recent)
    {
        writer.Write((byte)'(');
        var system = Combinations[(int)flags.System & 31];
        writer.Write(system);
        var any = system.Length > 0;
        if (recent)
        {
            writer.Write(any ? " \\Recent"u8 : "\\Recent"u8);
            any = true;
        }

        if (flags.Keywords is { Count: > 0 } keywords) WriteKeywords(ref writer, keywords, any);
        writer.Write((byte)')');
    }

    /// <summary>Writes system flags and keywords without parentheses, for FLAGS and PERMANENTFLAGS.</summary>
    public static void WriteAll(ref ImapWriter writer, KeywordSet keywords, SystemFlags system = (SystemFlags)31)
    {
        writer.Write(Combinations[(int)system & 31]);
        WriteKeywords(ref writer, keywords, any: system != SystemFlags.None);
    }

    /// <summary>flag-list: <c>(\Seen $Junk)</c>.</summary>
    public static bool ReadFlagList(ref ImapReader reader, out MessageFlags flags)
    {
        flags = MessageFlags.None;
        if (!reader.TryRead((byte)'(')) return false;
        return reader.TryRead((byte)')') || (ReadFlags(ref reader, out flags) && reader.TryRead((byte)')'));
    }

    /// <summary>One or more flags separated by spaces.</summary>
    public static bool ReadFlags(ref ImapReader reader, out MessageFlags flags)
    {
        flags = MessageFlags.None;
        var system = SystemFlags.None;
        var keywords = new List<string>();
        do
        {
            if (!ReadFlag(ref reader, ref system, keywords)) return false;
        }
        while (reader.ReadSpace());
        flags = new MessageFlags(system, keywords.Count == 0 ? KeywordSet.Empty : KeywordSet.Of(keywords));
        return true;
    }

    /// <summary>flag-keyword: an atom.</summary>
    public static bool ReadKeyword(ref ImapReader reader, out string keyword)
    {
        keyword = "";
        if (!reader.ReadAtom(out var atom) || atom.Length > MaxKeywordLength) return false;
        keyword = Encoding.ASCII.GetString(atom);
        return true;
    }

    // Only the server sets \Recent (RFC 3501 §2.3.2). Unknown system flags cannot be stored.
    private static bool ReadFlag(ref ImapReader reader, ref SystemFlags system, List<string> keywords)
    {
        if (reader.Rest is [(byte)'\\', ..])
        {
            foreach (var (flag, name) in Names)
            {
                if (!reader.TryReadWord(Encoding.ASCII.GetBytes(name))) continue;
                system |= flag;
                return reader.AtEnd || reader.Rest[0] is (byte)' ' or (byte)')';
            }

            return false;
        }

        if (!ReadKeyword(ref reader, out var keyword)) return false;
        keywords.Add(keyword);
        return true;
    }

    private static void WriteKeywords(ref ImapWriter writer, KeywordSet keywords, bool any)
    {
        foreach (var keyword in keywords.Keywords)
        {
            if (any) writer.Write((byte)' ');
            writer.Write(keyword);
            any = true;
        }
    }
}
