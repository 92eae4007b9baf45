using System.Runtime.InteropServices;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Views;

/// <summary>
/// One client's view of the folder it has selected. Sequence numbers are positions in the list that the client was told of last;
/// what has happened since waits here until the RFC allows it to be told (RFC 3501 §5.5, §7.4.1). Both lists are shared with all
/// other sessions on the folder, and between two sync points only flags are held, up to a bound.
/// </summary>
internal sealed class SelectedFolder(FolderSnapshot snapshot, bool isReadOnly, Limits limits)
{
    private UidList _newest = snapshot.Uids;
    private ModSeq _newestModSeq = snapshot.HighestModSeq;
    private uint _firstRecent = snapshot.FirstRecent?.Value ?? uint.MaxValue;
    private Dictionary<uint, MessageFlags>? _changedFlags;
    private int _lastPosition = -1;
    private KeywordSet _lastLearned = KeywordSet.Empty;

    public FolderId Id { get; } = snapshot.Id;

    public FolderName Name { get; } = snapshot.Name;

    public UidValidity UidValidity { get; } = snapshot.UidValidity;

    public bool IsReadOnly { get; } = isReadOnly;

    /// <summary>What the client has been told: index 0 is its message 1.</summary>
    public UidList Announced { get; private set; } = snapshot.Uids;

    /// <summary>Keywords that FLAGS has told of.</summary>
    public KeywordSet Keywords { get; private set; } = snapshot.Keywords;

    /// <summary>More flags changed than are held: those of all messages must be asked for.</summary>
    public bool FlagsLost { get; private set; }

    /// <summary>Flag changes up to here have been told.</summary>
    public ModSeq ToldUpTo { get; private set; } = snapshot.HighestModSeq;

    /// <summary>UIDs from this on are <c>\Recent</c> here.</summary>
    public Uid? FirstRecent => _firstRecent == uint.MaxValue ? null : new Uid(_firstRecent);

    public bool IsRecent(uint uid) => uid >= _firstRecent;

    public int RecentCount => Announced.Count - Position(Announced, _firstRecent);

    /// <summary>The message's sequence number, 0 when the client does not know the message.</summary>
    public int SequenceOf(uint uid)
    {
        // Mostly asked for one message after the other: look behind the last one first.
        var uids = Announced.Span;
        var position = _lastPosition + 1 < uids.Length && uids[_lastPosition + 1] == uid ? _lastPosition + 1 : uids.BinarySearch(uid);
        if (position < 0) return 0;
        _lastPosition = position;
        return position + 1;
    }

    /// <summary>The UIDs that a set of sequence numbers means; null when it names a message that is not there (RFC 3501 §9, seq-number).</summary>
    public uint[]? Resolve(SequenceSet set, bool isUid)
    {
        if (isUid) return set.Resolve(Announced.Last).In(Announced);
        if (!set.IsWithin(Announced.Count)) return null;
        var ranges = set.Resolve((uint)Announced.Count).Ranges;
        var uids = new uint[ranges.Sum(r => (int)(r.Last - r.First + 1))];
        var filled = 0;
        foreach (var (first, last) in ranges)
        {
            Announced.Span[(int)(first - 1)..(int)last].CopyTo(uids.AsSpan(filled));
            filled += (int)(last - first + 1);
        }

        return uids;
    }

    /// <summary>Keeps a change for the next sync point.</summary>
    public void Apply(MailboxChanged change)
    {
        _newest = change.Uids;
        _newestModSeq = change.HighestModSeq;
        if (change.Recent is { } recent) _firstRecent = Math.Min(_firstRecent, recent.Value);
        foreach (var changed in change.FlagsChanged) Keep(changed.Uid.Value, changed.Flags);
    }

    /// <summary>Takes the folder as it was found after a time without changes being told: any flags may be other ones.</summary>
    public void Apply(FolderSnapshot found)
    {
        _newest = found.Uids;
        _newestModSeq = found.HighestModSeq;
        _changedFlags = null;
        FlagsLost = true;
    }

    /// <summary>Newer flags than those that wait, seen in an answer; they need not be told again when <paramref name="told"/>.</summary>
    public void Refresh(uint uid, in MessageFlags flags, bool told)
    {
        if (_changedFlags is null) return;
        if (told) _changedFlags.Remove(uid);
        else if (_changedFlags.ContainsKey(uid)) _changedFlags[uid] = flags;
    }

    /// <summary>Applies the answer to this session's own STORE; with <paramref name="tell"/> the flags are written at once.</summary>
    public void ApplyStore(ref ImapWriter writer, MailboxChanged change, bool tell, bool withUid)
    {
        _newest = change.Uids;
        _newestModSeq = change.HighestModSeq;
        foreach (var changed in change.FlagsChanged)
        {
            Refresh(changed.Uid.Value, changed.Flags, tell);
            if (tell) TellFlags(ref writer, changed.Uid.Value, changed.Flags, withUid);
            else Learn(ref writer, changed.Flags.Keywords);
        }
    }

    /// <summary>Tells what has happened: expunged messages (if they may be told now), new ones, and changed flags.</summary>
    public void Sync(ref ImapWriter writer, bool mayExpunge)
    {
        if (!ReferenceEquals(_newest, Announced)) SyncMessages(ref writer, mayExpunge);
        if (_changedFlags is not null)
        {
            foreach (var (uid, flags) in _changedFlags) TellFlags(ref writer, uid, flags, withUid: true);
            _changedFlags = null;
        }

        if (!FlagsLost) ToldUpTo = _newestModSeq;
    }

    /// <summary>The flags of all messages are about to be asked for.</summary>
    public void FindLostFlags() => FlagsLost = false;

    /// <summary><c>* n FETCH (UID u FLAGS (…))</c>, if the client knows the message.</summary>
    public void TellFlags(ref ImapWriter writer, uint uid, in MessageFlags flags, bool withUid)
    {
        var sequence = SequenceOf(uid);
        if (sequence == 0) return;
        Learn(ref writer, flags.Keywords);
        writer.Write("* "u8);
        writer.Write(sequence);
        writer.Write(" FETCH ("u8);
        if (withUid)
        {
            writer.Write("UID "u8);
            writer.Write(uid);
            writer.Write((byte)' ');
        }

        writer.Write("FLAGS "u8);
        FlagNames.Write(ref writer, flags, IsRecent(uid));
        writer.Write(")\r\n"u8);
    }

    /// <summary>Tells the flags of those that changed after <paramref name="since"/>.</summary>
    public void TellFlags(ref ImapWriter writer, IReadOnlyList<MessageRow> rows, ModSeq since)
    {
        foreach (var row in rows)
        {
            if (row.ModSeq <= since) continue;
            Refresh(row.Uid.Value, row.Flags, told: true);
            TellFlags(ref writer, row.Uid.Value, row.Flags, withUid: true);
        }
    }

    /// <summary>Tells of keywords that FLAGS has not told of, before they appear on a message.</summary>
    public void Learn(ref ImapWriter writer, KeywordSet keywords)
    {
        if (keywords.Count == 0 || ReferenceEquals(keywords, _lastLearned)) return;
        _lastLearned = keywords;
        var known = Keywords.Union(keywords);
        if (known.Count == Keywords.Count) return;
        Keywords = known;
        WriteFlags(ref writer);
    }

    /// <summary>The FLAGS response, and what of it a client may store.</summary>
    public void WriteFlags(ref ImapWriter writer)
    {
        writer.Write("* FLAGS ("u8);
        FlagNames.WriteAll(ref writer, Keywords);
        writer.Write(")\r\n* OK [PERMANENTFLAGS ("u8);
        if (!IsReadOnly)
        {
            FlagNames.WriteAll(ref writer, Keywords);
            if (Keywords.Count < limits.FolderKeywords) writer.Write(" \\*"u8);
        }

        writer.Write(")] Flags that are kept\r\n"u8);
    }

    public void WriteCounts(ref ImapWriter writer)
    {
        writer.Write("* "u8);
        writer.Write(Announced.Count);
        writer.Write(" EXISTS\r\n* "u8);
        writer.Write(RecentCount);
        writer.Write(" RECENT\r\n"u8);
    }

    private void Keep(uint uid, in MessageFlags flags)
    {
        if (FlagsLost) return;
        _changedFlags ??= [];
        CollectionsMarshal.GetValueRefOrAddDefault(_changedFlags, uid, out _) = flags;
        if (_changedFlags.Count <= limits.ViewBacklog) return;
        _changedFlags = null;
        FlagsLost = true;
    }

    // UIDs only rise: what the newest list has up to the last announced UID is a part of what was announced, all behind it is new.
    private void SyncMessages(ref ImapWriter writer, bool mayExpunge)
    {
        var last = _newest.IndexOf(Announced.Last);
        var firstNew = last < 0 ? ~last : last + 1;
        var added = _newest.Count - firstNew;
        if (firstNew == Announced.Count) Announced = _newest;
        else if (mayExpunge) TellExpunged(ref writer);
        else if (added > 0) Announced = UidList.Own([.. Announced.Span, .. _newest.Span[firstNew..]]);
        if (added > 0) WriteCounts(ref writer);
    }

    private void TellExpunged(ref ImapWriter writer)
    {
        ReadOnlySpan<uint> before = Announced.Span, after = _newest.Span;
        var kept = Announced.CommonPrefix(_newest);
        for (var at = kept; at < before.Length; at++)
        {
            if (kept < after.Length && after[kept] == before[at])
            {
                kept++;
                continue;
            }

            // Each EXPUNGE lowers the numbers behind it: the next one has so many messages before it.
            _changedFlags?.Remove(before[at]);
            writer.Write("* "u8);
            writer.Write(kept + 1);
            writer.Write(" EXPUNGE\r\n"u8);
        }

        Announced = _newest;
    }

    private static int Position(UidList uids, uint uid)
    {
        var index = uids.IndexOf(uid);
        return index < 0 ? ~index : index;
    }
}
