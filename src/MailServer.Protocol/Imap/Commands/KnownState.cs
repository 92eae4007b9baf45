using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Views;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>What a client knows of a folder: the QRESYNC parameter of SELECT (RFC 7162 §3.2.5).</summary>
/// <param name="Validity">The UIDVALIDITY to which the rest belongs.</param>
/// <param name="ModSeq">The client knows all changes up to this mod-sequence.</param>
/// <param name="Uids">The UIDs that the client knows; null for all.</param>
/// <param name="Samples">Sequence numbers and the UIDs that they had; null if there are none.</param>
internal sealed record KnownState(UidValidity Validity, ModSeq ModSeq, SequenceSet? Uids, (SequenceSet Numbers, SequenceSet Uids)? Samples)
{
    /// <summary>Reads <c>(CONDSTORE)</c> or <c>(QRESYNC (…))</c>, in any order, if they follow.</summary>
    public static bool ReadParameters(ref ImapReader reader, out bool condStore, out KnownState? known)
    {
        (condStore, known) = (false, null);
        if (!reader.ReadSpace()) return true;
        if (!reader.TryRead((byte)'(')) return false;
        do
        {
            if (reader.TryReadWord("CONDSTORE"u8)) condStore = true;
            else if (!reader.TryReadWord("QRESYNC ("u8) || (known = Read(ref reader)) is null) return false;
        }
        while (reader.ReadSpace());
        return reader.TryRead((byte)')');
    }

    /// <summary>The UIDs that the client asks about.</summary>
    public UidSet Within { get; } = Uids?.Resolve(SequenceSet.Star) ?? UidSet.All;

    /// <summary>
    /// The highest UID up to which the client has missed no removal, because the message with this UID still has its sequence number (RFC 7162 §3.2.5.2); 0 if
    /// that is not known.
    /// </summary>
    public uint CompleteUpTo(SelectedFolder view)
    {
        if (Samples is not var (numbers, uids)) return 0;
        var complete = 0u;
        foreach (var (number, uid) in Each(numbers).Zip(Each(uids)))
        {
            if (number > view.AnnouncedUids.Count) break;
            if (view.AnnouncedUids[(int)number - 1] == uid) complete = uid;
        }

        return complete;
    }

    private static KnownState? Read(ref ImapReader reader)
    {
        if (!reader.ReadNonZero(out var validity) || !reader.ReadSpace() || !reader.ReadModSeq(out var modSeq)) return null;
        SequenceSet? uids = null;
        (SequenceSet, SequenceSet)? samples = null;
        if (reader.ReadSpace())
        {
            if (reader.Rest is not [(byte)'(', ..])
            {
                if (!ReadKnownSet(ref reader, out var set)) return null;
                uids = set;
                if (reader.ReadSpace() && (samples = ReadSamples(ref reader)) is null) return null;
            }
            else if ((samples = ReadSamples(ref reader)) is null)
            {
                return null;
            }
        }

        return reader.TryRead((byte)')') ? new KnownState(new UidValidity(validity), modSeq, uids, samples) : null;
    }

    private static (SequenceSet, SequenceSet)? ReadSamples(ref ImapReader reader) =>
        reader.TryRead((byte)'(') && ReadKnownSet(ref reader, out var numbers) && reader.ReadSpace() && ReadKnownSet(ref reader, out var uids)
        && Count(numbers) == Count(uids) && reader.TryRead((byte)')') ? (numbers, uids) : null;

    // RFC 7162 §7: sets of known messages contain no *, and no saved result.
    private static bool ReadKnownSet(ref ImapReader reader, out SequenceSet set) =>
        reader.ReadSequenceSet(out set) && !set.IsSaved && set.Ranges.All(static r => r.First != SequenceSet.Star && r.Last != SequenceSet.Star);

    private static long Count(SequenceSet set) => set.Ranges.Sum(static r => Math.Abs((long)r.Last - r.First) + 1);

    private static IEnumerable<uint> Each(SequenceSet set)
    {
        foreach (var (first, last) in set.Ranges)
            for (var number = (long)Math.Min(first, last); number <= Math.Max(first, last); number++) yield return (uint)number;
    }
}
