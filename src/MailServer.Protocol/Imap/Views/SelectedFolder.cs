using System.Runtime.InteropServices;
using MailServer.Domain;
using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Decoding;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Views;

/// <summary>
/// One client's view of its selected folder. Sequence numbers are positions in the UID list last announced to the client. Later changes wait until
/// the protocol allows them to be sent (RFC 3501 §5.5, §7.4.1). Both UID lists are shared with all other sessions on the folder; only flag changes
/// are buffered between two sync points, up to a limit.
/// </summary>
internal sealed class SelectedFolder(FolderSnapshot snapshot, bool isReadOnly, Limits limits, EnabledExtensions enabled)
{
    private UidList _newest = snapshot.Uids;
    private ModSeq _newestModSeq = snapshot.HighestModSeq;
    private ModSeq _announcedExpunges = snapshot.HighestModSeq;
    private Dictionary<uint, FlagChange>? _changedFlags;
    private uint _reportedUpTo = snapshot.Uids.Last;
    private HashSet<uint>? _own;
    private HashSet<uint>? _touched;
    private uint _touchedUpTo;
    private int _lastPosition = -1;
    private KeywordSet _lastAnnouncedKeywords = KeywordSet.Empty;

    public FolderId Id { get; } = snapshot.Id;

    public FolderName Name { get; } = snapshot.Name;

    public UidValidity UidValidity { get; } = snapshot.UidValidity;

    public EnabledExtensions Enabled { get; } = enabled;

    public bool IsReadOnly { get; } = isReadOnly;

    /// <summary>Whether the client may change what others see of the folder (RFC 4314 §5.2).</summary>
    public bool IsWritable => (snapshot.Rights & (FolderRights.Insert | FolderRights.Expunge | FolderRights.Write | FolderRights.DeleteMessages)) != 0;

    /// <summary>The UIDs announced to the client: index 0 is its message 1.</summary>
    public UidList AnnouncedUids { get; private set; } = snapshot.Uids;

    /// <summary>The keywords that a FLAGS response has announced.</summary>
    public KeywordSet Keywords { get; private set; } = snapshot.Keywords;

    /// <summary>The buffer of flag changes has overflowed: the flags of all messages must be fetched.</summary>
    public bool FlagsOverflowed { get; private set; }

    /// <summary>The mod-sequence up to which flag changes have been announced.</summary>
    public ModSeq AnnouncedModSeq { get; private set; } = snapshot.HighestModSeq;

    /// <summary>The messages that are <c>\Recent</c> in this session.</summary>
    public UidSet Recent { get; private set; } = RecentOf(snapshot.FirstRecent, snapshot.Uids);

    /// <summary>The result of the last search that saved it: <c>$</c> (RFC 5182). UIDs that have been removed since are ignored.</summary>
    public UidSet SavedResult { get; set; } = UidSet.Empty;

    /// <summary>Messages have been removed, and the client has not been told yet (RFC 2180 §4).</summary>
    public bool HasUnannouncedExpunges
    {
        get
        {
            if (ReferenceEquals(_newest, AnnouncedUids)) return false;
            var last = _newest.IndexOf(AnnouncedUids.Last);
            return (last < 0 ? ~last : last + 1) != AnnouncedUids.Count;
        }
    }

    public bool IsRecent(uint uid) => !Enabled.Rev2 && Recent.Contains(uid);

    public int RecentCount => Recent.Ranges.Sum(r => InsertionIndex(AnnouncedUids, r.Last, after: true) - InsertionIndex(AnnouncedUids, r.First, after: false));

    /// <summary>The message's sequence number; 0 when it has not been announced to the client.</summary>
    public int SequenceOf(uint uid)
    {
        // Lookups are mostly sequential: try the next position first.
        var uids = AnnouncedUids.Span;
        var position = _lastPosition + 1 < uids.Length && uids[_lastPosition + 1] == uid ? _lastPosition + 1 : uids.BinarySearch(uid);
        if (position < 0) return 0;
        _lastPosition = position;
        return position + 1;
    }

    /// <summary>The UIDs of a sequence set; null when it refers to a message that does not exist (RFC 3501 §9, seq-number).</summary>
    public uint[]? Resolve(SequenceSet set, bool isUid)
    {
        if (set.IsSaved) return SavedResult.Intersect(AnnouncedUids);
        if (isUid) return set.Resolve(AnnouncedUids.Last).Intersect(AnnouncedUids);
        if (!set.IsWithin(AnnouncedUids.Count)) return null;
        var ranges = set.Resolve((uint)AnnouncedUids.Count).Ranges;
        var uids = new uint[ranges.Sum(r => (int)(r.Last - r.First + 1))];
        var filled = 0;
        foreach (var (first, last) in ranges)
        {
            AnnouncedUids.Span[(int)(first - 1)..(int)last].CopyTo(uids.AsSpan(filled));
            filled += (int)(last - first + 1);
        }

        return uids;
    }

    /// <summary>The UIDs of a set, whether or not the messages still exist.</summary>
    public UidSet ResolveUids(SequenceSet set) => set.IsSaved ? SavedResult : set.Resolve(AnnouncedUids.Last);

    /// <summary>Stores a change until the next sync point.</summary>
    public void Apply(MailboxChanged change)
    {
        _newest = change.Uids;
        _newestModSeq = change.HighestModSeq;
        AddRecent(change.Recent, change.Uids);
        foreach (var changed in change.FlagsChanged) BufferFlags(changed);
    }

    /// <summary>Replaces the folder's state after a period without change notifications, in which any flag may have changed.</summary>
    public void Apply(FolderSnapshot found)
    {
        _newest = found.Uids;
        _newestModSeq = found.HighestModSeq;
        AddRecent(found.FirstRecent, found.Uids);
        _changedFlags = null;
        FlagsOverflowed = true;
    }

    /// <summary>
    /// Updates a buffered flag change with newer flags from a reply. When they have already been sent (<paramref name="alreadySent"/>), the buffered change
    /// is dropped.
    /// </summary>
    public void Refresh(in FlagChange newest, bool alreadySent)
    {
        if (_changedFlags is null) return;
        if (alreadySent) _changedFlags.Remove(newest.Uid.Value);
        else if (_changedFlags.ContainsKey(newest.Uid.Value)) _changedFlags[newest.Uid.Value] = newest;
    }

    /// <summary>
    /// Applies the result of this session's own STORE. With <paramref name="announce"/> the flags are written at once; without, only mod-sequences, if the
    /// client has enabled CONDSTORE.
    /// </summary>
    public void ApplyStore(ref ImapWriter writer, MailboxChanged change, bool announce, bool withUid)
    {
        _newest = change.Uids;
        _newestModSeq = change.HighestModSeq;
        foreach (var changed in change.FlagsChanged)
        {
            Touch(changed.Uid.Value);
            Refresh(changed, announce);
            if (announce) WriteFlagUpdate(ref writer, changed, withUid);
            else AnnounceKeywords(ref writer, changed.Flags.Keywords);
            if (!announce && Enabled.CondStore) WriteUpdate(ref writer, changed, withUid: true, withFlags: false);
        }
    }

    /// <summary>Writes pending changes: expunged messages (if allowed now), new messages, and changed flags. What the client is not to be told remains pending.</summary>
    public void Sync(ref ImapWriter writer, bool mayExpunge, ViewEvents events = ViewEvents.All)
    {
        if (!events.HasFlag(ViewEvents.Messages)) return;
        if (!ReferenceEquals(_newest, AnnouncedUids)) SyncMessages(ref writer, mayExpunge);
        var tellsFlags = events.HasFlag(ViewEvents.Flags);
        if (tellsFlags && _changedFlags is not null)
        {
            foreach (var changed in _changedFlags.Values) WriteFlagUpdate(ref writer, changed, withUid: true);
            _changedFlags = null;
        }

        if (tellsFlags && !FlagsOverflowed) AnnouncedModSeq = _newestModSeq;
        if (!HasUnannouncedExpunges) _announcedExpunges = _newestModSeq;
        else if (Enabled.CondStore) WriteHighestModSeq(ref writer, _announcedExpunges);
    }

    /// <summary>Begins to record which messages are new or have changed, for <see cref="TakeTouched"/>.</summary>
    public void RecordTouched()
    {
        if (_touched is not null) return;
        (_touched, _touchedUpTo) = ([], AnnouncedUids.Last);
    }

    public void Touch(uint uid) => _touched?.Add(uid);

    /// <summary>The announced messages that are new or whose flags have changed since the last call.</summary>
    public HashSet<uint> TakeTouched()
    {
        if (_touched is not { } taken) return [];
        taken.RemoveWhere(uid => SequenceOf(uid) == 0);
        taken.UnionWith(AnnouncedUids.Span[InsertionIndex(AnnouncedUids, _touchedUpTo, after: true)..].ToArray());
        (_touched, _touchedUpTo) = ([], Math.Max(_touchedUpTo, AnnouncedUids.Last));
        return taken;
    }

    /// <summary>The announced messages that have been removed.</summary>
    public HashSet<uint> FindRemoved()
    {
        if (ReferenceEquals(_newest, AnnouncedUids)) return [];
        var removed = AnnouncedUids.Span.ToArray().ToHashSet();
        removed.ExceptWith(_newest.Span.ToArray());
        return removed;
    }

    /// <summary>This client has stored the messages itself: <see cref="TakeNew"/> leaves them out.</summary>
    public void NoteOwn(IEnumerable<Uid> uids) => (_own ??= []).UnionWith(uids.Select(static u => u.Value));

    /// <summary>The messages of others that have been announced since the last call.</summary>
    public uint[] TakeNew()
    {
        var added = AnnouncedUids.Span[InsertionIndex(AnnouncedUids, _reportedUpTo, after: true)..];
        uint[] taken = _own is null ? [.. added] : [.. added.ToArray().Where(uid => !_own.Contains(uid))];
        _reportedUpTo = Math.Max(_reportedUpTo, AnnouncedUids.Last);
        _own = null;
        return taken;
    }

    /// <summary><c>* OK [HIGHESTMODSEQ n]</c> (RFC 7162 §3.1.2.1, §3.2): the client knows all changes up to this mod-sequence.</summary>
    public void WriteHighestModSeq(ref ImapWriter writer) => WriteHighestModSeq(ref writer, HasUnannouncedExpunges ? _announcedExpunges : AnnouncedModSeq);

    /// <summary>Call before fetching the flags of all messages.</summary>
    public void ClearFlagsOverflow() => FlagsOverflowed = false;

    /// <summary>Writes <c>* n FETCH (UID u FLAGS (…))</c>, with MODSEQ for CONDSTORE, if the message has been announced to the client.</summary>
    public void WriteFlagUpdate(ref ImapWriter writer, in FlagChange changed, bool withUid) => WriteUpdate(ref writer, changed, withUid, withFlags: true);

    /// <summary>Writes the flags of the rows that changed after <paramref name="since"/>.</summary>
    public void WriteFlagUpdate(ref ImapWriter writer, IReadOnlyList<MessageRow> rows, ModSeq since)
    {
        foreach (var row in rows)
        {
            if (row.ModSeq <= since) continue;
            var changed = new FlagChange(row.Uid, row.Flags, row.ModSeq);
            Touch(row.Uid.Value);
            Refresh(changed, alreadySent: true);
            WriteFlagUpdate(ref writer, changed, withUid: true);
        }
    }

    /// <summary>Announces new keywords in a FLAGS response before they appear on a message.</summary>
    public void AnnounceKeywords(ref ImapWriter writer, KeywordSet keywords)
    {
        if (keywords.Count == 0 || ReferenceEquals(keywords, _lastAnnouncedKeywords)) return;
        _lastAnnouncedKeywords = keywords;
        var known = Keywords.Union(keywords);
        if (known.Count == Keywords.Count) return;
        Keywords = known;
        WriteFlags(ref writer);
    }

    /// <summary>Writes the FLAGS and PERMANENTFLAGS responses.</summary>
    public void WriteFlags(ref ImapWriter writer)
    {
        writer.Write("* FLAGS ("u8);
        ImapFlags.WriteAll(ref writer, Keywords);
        writer.Write(")\r\n* OK [PERMANENTFLAGS ("u8);
        if (!IsReadOnly)
        {
            var mayWrite = snapshot.Rights.HasFlag(FolderRights.Write);
            var system = AccessRules.ChangeableFlags(snapshot.Rights) | (snapshot.Rights.HasFlag(FolderRights.Seen) ? SystemFlags.Seen : SystemFlags.None);
            ImapFlags.WriteAll(ref writer, mayWrite ? Keywords : KeywordSet.Empty, system);
            if (mayWrite && Keywords.Count < limits.FolderKeywords) writer.Write(" \\*"u8);
        }

        writer.Write(")] Flags that are kept\r\n"u8);
    }

    public void WriteCounts(ref ImapWriter writer)
    {
        writer.Write("* "u8);
        writer.Write(AnnouncedUids.Count);
        writer.Write(" EXISTS\r\n"u8);
        WriteRecent(ref writer);
    }

    private void WriteRecent(ref ImapWriter writer)
    {
        if (Enabled.Rev2) return;
        writer.Write("* "u8);
        writer.Write(RecentCount);
        writer.Write(" RECENT\r\n"u8);
    }

    private void WriteUpdate(ref ImapWriter writer, in FlagChange changed, bool withUid, bool withFlags)
    {
        var sequence = SequenceOf(changed.Uid.Value);
        if (sequence == 0) return;
        if (withFlags) AnnounceKeywords(ref writer, changed.Flags.Keywords);
        writer.Write("* "u8);
        writer.Write(sequence);
        writer.Write(" FETCH ("u8);
        if (withUid || Enabled.CondStore)
        {
            writer.Write("UID "u8);
            writer.Write(changed.Uid.Value);
            writer.Write((byte)' ');
        }

        if (withFlags)
        {
            writer.Write("FLAGS "u8);
            ImapFlags.Write(ref writer, changed.Flags, IsRecent(changed.Uid.Value));
        }

        if (Enabled.CondStore)
        {
            writer.Write(withFlags ? " MODSEQ ("u8 : "MODSEQ ("u8);
            writer.Write(changed.ModSeq.Value);
            writer.Write((byte)')');
        }

        writer.Write(")\r\n"u8);
    }

    private static void WriteHighestModSeq(ref ImapWriter writer, ModSeq modSeq)
    {
        writer.Write("* OK [HIGHESTMODSEQ "u8);
        writer.Write(modSeq.Value);
        writer.Write("] Highest\r\n"u8);
    }

    private void BufferFlags(in FlagChange changed)
    {
        Touch(changed.Uid.Value);
        if (FlagsOverflowed) return;
        _changedFlags ??= [];
        CollectionsMarshal.GetValueRefOrAddDefault(_changedFlags, changed.Uid.Value, out _) = changed;
        if (_changedFlags.Count <= limits.ViewBacklog) return;
        _changedFlags = null;
        FlagsOverflowed = true;
    }

    // UIDs only rise: up to the last announced UID, the newest list is a subset of the announced one; everything after it is new.
    private void SyncMessages(ref ImapWriter writer, bool mayExpunge)
    {
        var last = _newest.IndexOf(AnnouncedUids.Last);
        var firstNew = last < 0 ? ~last : last + 1;
        var added = _newest.Count - firstNew;
        var before = AnnouncedUids.Count;
        if (firstNew == AnnouncedUids.Count) AnnouncedUids = _newest;
        else if (mayExpunge) WriteExpunged(ref writer);
        else if (added > 0) AnnouncedUids = UidList.TakeOwnership([.. AnnouncedUids.Span, .. _newest.Span[firstNew..]]);
        // RFC 3501 §7.3.2: RECENT is sent whenever the size of the folder changes.
        if (added > 0) WriteCounts(ref writer);
        else if (AnnouncedUids.Count < before) WriteRecent(ref writer);
    }

    private void AddRecent(Uid? first, UidList uids)
    {
        if (first is not null) Recent = UidSet.Of(Recent.Ranges.Concat(RecentOf(first, uids).Ranges));
    }

    private static UidSet RecentOf(Uid? first, UidList uids) => first is { } from && from.Value <= uids.Last ? UidSet.Of((from.Value, uids.Last)) : UidSet.Empty;

    private void WriteExpunged(ref ImapWriter writer)
    {
        ReadOnlySpan<uint> before = AnnouncedUids.Span, after = _newest.Span;
        var kept = AnnouncedUids.CommonPrefix(_newest);
        var vanished = new List<uint>();
        for (var at = kept; at < before.Length; at++)
        {
            if (kept < after.Length && after[kept] == before[at])
            {
                kept++;
                continue;
            }

            _changedFlags?.Remove(before[at]);
            if (Enabled.QResync)
            {
                vanished.Add(before[at]);
                continue;
            }

            // Each EXPUNGE decrements the sequence numbers after it, so the next one is the number of kept messages plus one.
            writer.Write("* "u8);
            writer.Write(kept + 1);
            writer.Write(" EXPUNGE\r\n"u8);
        }

        if (vanished.Count > 0) WriteVanished(ref writer, UidSet.OfUids(CollectionsMarshal.AsSpan(vanished)), isEarlier: false);
        AnnouncedUids = _newest;
    }

    /// <summary>VANISHED (RFC 7162 §3.2.10). Earlier removals are not of messages that this session has announced.</summary>
    public static void WriteVanished(ref ImapWriter writer, UidSet uids, bool isEarlier)
    {
        writer.Write(isEarlier ? "* VANISHED (EARLIER) "u8 : "* VANISHED "u8);
        writer.Write(uids.ToString());
        writer.EndLine();
    }

    private static int InsertionIndex(UidList uids, uint uid, bool after)
    {
        var index = uids.IndexOf(uid);
        return index < 0 ? ~index : after ? index + 1 : index;
    }
}
