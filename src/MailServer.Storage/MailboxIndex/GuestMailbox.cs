using MailServer.Domain.Mailboxes;

namespace MailServer.Storage.MailboxIndex;

/// <summary>
/// The mailbox as another account uses it: only the folders that it may see, with its own <c>\Seen</c>, and flags within its rights. Whether it may do something at all is decided before, by the mailbox
/// actor. Values of the store have the owner's <c>\Seen</c>; <see cref="Show(MailboxChanged)"/> and its siblings replace it.
/// </summary>
public sealed class GuestMailbox
{
    private readonly MailboxContext _context;
    private readonly FlagUpdater _flags;

    internal GuestMailbox(MailboxContext context, FlagUpdater flags, MailboxGuest guest) => (_context, _flags, Guest) = (context, flags, guest);

    public MailboxGuest Guest { get; }

    /// <summary>The folders that the guest may see. Special uses are the owner's, and so are subscriptions.</summary>
    /// <exception cref="IOException">The rights cannot be read.</exception>
    public MailboxReply.Folders Folders() => new(
        [.. _context.Folders.Where(f => RightsTo(f).HasFlag(FolderRights.Lookup)).OrderBy(static f => f.Name.Value, StringComparer.Ordinal).Select(static f => new FolderInfo(f.Id, f.Name, FolderRole.None))],
        new HashSet<FolderName>());

    /// <summary>The status of a folder as the guest sees it.</summary>
    public FolderStatus Show(FolderStatus status)
    {
        ArgumentNullException.ThrowIfNull(status);
        return _context.TryFind(status.Id, out var folder) ? status with { Recent = 0, Unseen = Unseen(folder) } : status;
    }

    /// <summary>A selected folder as the guest sees it.</summary>
    public FolderSnapshot Show(FolderSnapshot snapshot)
    {
        ArgumentNullException.ThrowIfNull(snapshot);
        if (!_context.TryFind(snapshot.Id, out var folder)) return snapshot;
        var seen = SeenIn(folder);
        var unseen = Unseen(folder) == 0 ? 0 : snapshot.Uids.Span.ToArray().FirstOrDefault(uid => !seen.Contains(uid));
        return snapshot with { Rights = RightsTo(folder), FirstRecent = null, FirstUnseen = unseen == 0 ? null : new Uid(unseen) };
    }

    /// <summary>A change of a folder as the guest sees it.</summary>
    public MailboxChanged Show(MailboxChanged change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (change.FlagsChanged.Count == 0) return change with { Recent = null };
        return change with { Recent = null, FlagsChanged = Show(change.Folder, change.FlagsChanged) };
    }

    /// <summary>Flags as the guest sees them; none of a folder that is gone.</summary>
    public IReadOnlyList<FlagChange> Show(FolderId id, IReadOnlyList<FlagChange> changes)
    {
        ArgumentNullException.ThrowIfNull(changes);
        if (!_context.TryFind(id, out var folder)) return [];
        var seen = SeenIn(folder);
        return [.. changes.Select(c => c with { Flags = AccessRules.WithSeen(c.Flags, seen.Contains(c.Uid.Value)) })];
    }

    /// <summary>The messages that the guest has seen, also removed ones.</summary>
    public UidSet SeenIn(FolderId id) => _context.TryFind(id, out var folder) ? SeenIn(folder) : UidSet.Empty;

    /// <summary>Fetched messages as the guest sees them.</summary>
    public IReadOnlyList<MessageRow> Show(FolderId id, IReadOnlyList<MessageRow> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var seen = _context.TryFind(id, out var folder) ? SeenIn(folder) : UidSet.Empty;
        return [.. rows.Select(row => row with { Flags = AccessRules.WithSeen(row.Flags, seen.Contains(row.Uid.Value)) })];
    }

    /// <summary>The criteria with the guest's <c>\Seen</c> in place of the owner's.</summary>
    public SearchCriteria Translate(FolderId id, SearchCriteria criteria) =>
        _context.TryFind(id, out var folder) ? Translate(criteria, new SearchCriteria.Uids(SeenIn(folder))) : criteria;

    /// <summary>
    /// Changes those of the flags that the guest may change (RFC 4314 §4); refused if there are none. The result has the flags of all given messages, and what others need not be told.
    /// </summary>
    /// <param name="id">The folder.</param>
    /// <param name="uids">The messages.</param>
    /// <param name="operation">The operation.</param>
    /// <param name="flags">The flags.</param>
    /// <param name="unchangedSince">Messages that have changed since then are left as they are; null for none.</param>
    public MailboxResult<GuestStored> Store(FolderId id, ReadOnlySpan<uint> uids, FlagOperation operation, MessageFlags flags, ModSeq? unchangedSince = null)
    {
        if (!_context.TryFind(id, out var folder)) return MailboxRefusal.NoSuchFolder;
        var rights = RightsTo(folder);
        var permitted = AccessRules.Permitted(flags, rights);
        var changesSeen = rights.HasFlag(FolderRights.Seen) && (operation == FlagOperation.Replace || flags.System.HasFlag(SystemFlags.Seen));
        if (!changesSeen && !MayChange(operation, flags, permitted, rights)) return MailboxRefusal.NoPermission;
        var messages = _context.Load(folder);
        var positions = messages.Positions(uids);
        var stored = unchangedSince is { } since ? Array.FindAll(positions, p => messages[p].ModSeq <= since.Value) : positions;
        FlagChange[] modified = [.. FlagUpdater.Describe(folder, [.. positions.Except(stored)])];
        var isSeen = operation != FlagOperation.Remove && flags.System.HasFlag(SystemFlags.Seen);
        var touched = new HashSet<int>();
        if (changesSeen && !SetSeen(folder, stored, isSeen, touched)) return MailboxRefusal.LimitReached;
        var added = operation == FlagOperation.Remove ? KeywordSet.Empty : permitted.Keywords;
        if (_flags.Change(folder, stored, added, old => Apply(old, operation, permitted, rights), touched) is { } refusal) return refusal;
        HashSet<uint> quiet = AffectsOthers(operation, permitted, rights) ? [] : [.. touched.Select(p => messages.Uids[p])];
        return new GuestStored(folder.Changed(FlagUpdater.Describe(folder, stored)), modified, quiet);
    }

    /// <summary>Marks messages as seen by the guest, if it may. Returns the change; null if nothing has changed.</summary>
    public GuestStored? MarkSeen(FolderId id, ReadOnlySpan<uint> uids)
    {
        if (!_context.TryFind(id, out var folder) || !RightsTo(folder).HasFlag(FolderRights.Seen)) return null;
        var messages = _context.Load(folder);
        var touched = new HashSet<int>();
        if (!SetSeen(folder, messages.Positions(uids), isSeen: true, touched) || touched.Count == 0) return null;
        int[] changed = [.. touched.Order()];
        _flags.Change(folder, changed, KeywordSet.Empty, static old => old, touched);
        return new GuestStored(folder.Changed(FlagUpdater.Describe(folder, changed)), [], changed.Select(p => messages.Uids[p]).ToHashSet());
    }

    /// <summary>The guest's rights to a folder.</summary>
    internal FolderRights RightsTo(Folder folder) => AccessRules.Of(GrantStore.Of(folder), Guest);

    private UidSet SeenIn(Folder folder) => GuestSeen.Of(folder)[Guest.Id];

    private int Unseen(Folder folder)
    {
        var messages = _context.Load(folder);
        return messages.Count - SeenIn(folder).Intersect(messages.Uids).Length;
    }

    private static bool MayChange(FlagOperation operation, MessageFlags flags, MessageFlags permitted, FolderRights rights)
    {
        if (operation == FlagOperation.Replace) return AffectsOthers(operation, permitted, rights);
        return permitted != MessageFlags.None || flags == MessageFlags.None;
    }

    private static bool AffectsOthers(FlagOperation operation, MessageFlags permitted, FolderRights rights) => operation == FlagOperation.Replace
        ? AccessRules.ChangeableFlags(rights) != SystemFlags.None || rights.HasFlag(FolderRights.Write)
        : permitted != MessageFlags.None;

    // What the guest may not change stays, also when all flags are replaced.
    private static MessageFlags Apply(MessageFlags old, FlagOperation operation, MessageFlags permitted, FolderRights rights)
    {
        if (operation != FlagOperation.Replace) return old.Apply(operation, permitted);
        var mask = AccessRules.ChangeableFlags(rights);
        return new MessageFlags((old.System & ~mask) | permitted.System, rights.HasFlag(FolderRights.Write) ? permitted.Keywords : old.Keywords);
    }

    private bool SetSeen(Folder folder, int[] positions, bool isSeen, HashSet<int> touched)
    {
        var messages = _context.Load(folder);
        var before = SeenIn(folder);
        touched.UnionWith(positions.Where(p => before.Contains(messages.Uids[p]) != isSeen));
        if (touched.Count == 0) return true;
        uint[] uids = [.. touched.Order().Select(p => messages.Uids[p])];
        var after = isSeen ? UidSet.Of(before.Ranges.Concat(UidSet.OfUids(uids).Ranges)) : before.Except(UidList.TakeOwnership(uids));
        return GuestSeen.Of(folder).TrySet(Guest.Id, after, messages.Uids, _context.Options.Limits.SeenRanges);
    }

    private static SearchCriteria Translate(SearchCriteria criteria, SearchCriteria.Uids seen) => criteria switch
    {
        SearchCriteria.HasFlags { Flags: var flags } when flags.HasFlag(SystemFlags.Seen) => flags == SystemFlags.Seen
            ? seen : new SearchCriteria.And([seen, new SearchCriteria.HasFlags(flags & ~SystemFlags.Seen)]),
        SearchCriteria.Recent => new SearchCriteria.Recent(null),
        SearchCriteria.And every => new SearchCriteria.And([.. every.Inner.Select(inner => Translate(inner, seen))]),
        SearchCriteria.Or either => new SearchCriteria.Or(Translate(either.Left, seen), Translate(either.Right, seen)),
        SearchCriteria.Not negated => new SearchCriteria.Not(Translate(negated.Inner, seen)),
        _ => criteria,
    };
}

/// <summary>A change of flags by a guest.</summary>
/// <param name="Change">The flags of the messages, with the owner's <c>\Seen</c>.</param>
/// <param name="Modified">The messages that were left as they are because they have changed meanwhile.</param>
/// <param name="Quiet">Messages of which only the guest's own <c>\Seen</c> has changed: nobody else is told.</param>
public sealed record GuestStored(MailboxChanged Change, IReadOnlyList<FlagChange> Modified, IReadOnlySet<uint> Quiet);
