using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;

namespace MailServer.Protocol.Imap.Fetching;

/// <summary>The modifiers of FETCH (RFC 4466 §2.4), which narrow its messages: CHANGEDSINCE and VANISHED (RFC 7162), PARTIAL (RFC 9394).</summary>
internal sealed record FetchModifiers(ModSeq? ChangedSince, bool Vanished, PartialRange? Partial)
{
    private static readonly FetchModifiers None = new(null, false, null);

    /// <summary>Reads the modifiers that follow; null when they are not valid. VANISHED and PARTIAL exist for UID FETCH only.</summary>
    public static FetchModifiers? Read(ref ImapReader reader, bool isUid)
    {
        if (!reader.ReadSpace()) return None;
        if (!reader.TryRead((byte)'(')) return null;
        var read = None;
        do
        {
            if (ReadOne(ref reader, isUid, read) is not { } next) return null;
            read = next;
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')') && (!read.Vanished || read.ChangedSince is not null) ? read : null;
    }

    private static FetchModifiers? ReadOne(ref ImapReader reader, bool isUid, FetchModifiers read)
    {
        if (reader.TryReadWord("CHANGEDSINCE "u8)) return reader.ReadModSeq(out var since) ? read with { ChangedSince = since } : null;
        if (!isUid) return null;
        if (reader.TryReadWord("VANISHED"u8)) return read with { Vanished = true };
        return reader.TryReadWord("PARTIAL "u8) && PartialRange.Read(ref reader, out var range) ? read with { Partial = range } : null;
    }
}
