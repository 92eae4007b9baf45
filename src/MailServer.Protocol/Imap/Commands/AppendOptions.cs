using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>What precedes each message of an APPEND: flags and date, then the announcement of its literal.</summary>
internal readonly record struct AppendOptions(MessageFlags Flags, DateTimeOffset? InternalDate, LiteralHeader Literal, bool IsBinary = false, bool IsUtf8 = false)
{
    /// <summary>append-opts and the header of a literal (RFC 4466 §2.3), whose octets have not arrived yet.</summary>
    public static bool Read(ref ImapReader reader, out AppendOptions options)
    {
        options = default;
        var flags = MessageFlags.None;
        DateTimeOffset? date = null;
        if (reader.Rest is [(byte)'(', ..] && !(ImapFlags.ReadFlagList(ref reader, out flags) && reader.ReadSpace())) return false;
        if (reader.Rest is [(byte)'"', ..])
        {
            if (!ImapDates.ReadDateTime(ref reader, out var time) || !reader.ReadSpace()) return false;
            date = time;
        }

        var isUtf8 = reader.TryReadWord("UTF8 ("u8); // RFC 6855 §4
        var isBinary = reader.TryRead((byte)'~'); // literal8 (RFC 3516 §7)
        if (isUtf8 && !isBinary) return false;
        if (!reader.TryRead((byte)'{') || !reader.ReadDigits(out var size)) return false;
        var nonSynchronizing = reader.TryRead((byte)'+');
        options = new AppendOptions(flags, date, new LiteralHeader(size, !nonSynchronizing), isBinary, isUtf8);
        return reader.TryRead((byte)'}');
    }

    /// <summary>The line after a message: a space and the options of the next one.</summary>
    public static bool ReadNext(ReadOnlySpan<byte> line, out AppendOptions options)
    {
        options = default;
        var reader = new ImapReader(line, 0);
        return reader.ReadSpace() && Read(ref reader, out options) && reader.AtEnd;
    }
}
