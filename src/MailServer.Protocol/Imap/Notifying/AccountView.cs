using MailServer.Domain.Mailboxes;
using MailServer.Protocol.Imap.Annotations;
using MailServer.Protocol.Imap.Listing;
using MailServer.Protocol.Imap.Views;
using MailServer.Protocol.Imap.Writing;

namespace MailServer.Protocol.Imap.Notifying;

/// <summary>
/// What a client with NOTIFY knows of its folders, except the selected one, and the changes that it has yet to be told. Changes of one folder are merged, so a client
/// that reads slowly is told the newest state once. Changes of names are told in their order.
/// </summary>
internal sealed class AccountView
{
    private static readonly ListOptions Listed = new() { IsExtended = true, ReturnsSubscriptions = true };

    private readonly NotifyRequest _request;
    private readonly int _backlog;
    private readonly Dictionary<FolderId, StatusChanges> _changed = [];
    private readonly List<(ListedFolder Folder, string? OldName)> _listed = [];
    private readonly SortedDictionary<string, SortedSet<string>> _annotated = new(StringComparer.Ordinal);
    private Dictionary<FolderId, FolderStatus> _status;
    private MailboxReply.Folders _folders;
    private Dictionary<FolderId, FolderName> _names;

    /// <param name="request">What the client wants to know.</param>
    /// <param name="watched">The folders now.</param>
    /// <param name="backlog">The number of changed folders above which the client is told that there are too many.</param>
    public AccountView(NotifyRequest request, MailboxReply.Watched watched, int backlog)
    {
        (_request, _backlog) = (request, backlog);
        _folders = watched.Tree;
        _names = NamesOf(watched.Tree);
        _status = watched.Overview.ToDictionary(static s => s.Id);
    }

    [Flags]
    private enum StatusChanges
    {
        None = 0,
        Messages = 1,
        Unseen = 2,
        ModSeq = 4,
    }

    /// <summary>There are changes to tell.</summary>
    public bool IsDue => _changed.Count > 0 || _listed.Count > 0 || _annotated.Count > 0;

    /// <summary>There are more changes to tell than the server keeps for a client.</summary>
    public bool HasOverflowed => _changed.Count + _listed.Count + _annotated.Sum(static a => a.Value.Count) > _backlog;

    public void Apply(AccountChanged change)
    {
        if (HasOverflowed) return;
        if (change.Folders is { } folders) Apply(folders, change.IsOwn);
        if (change.Status is { } status) Apply(status, change.IsOwn);
        if (change.Annotations is { } annotations && !change.IsOwn) Apply(annotations);
    }

    /// <summary>Replaces the state after a period without notifications.</summary>
    public void Apply(MailboxReply.Watched watched)
    {
        Apply(watched.Tree, isOwn: false);
        foreach (var status in watched.Overview) Apply(status, isOwn: false);
    }

    /// <summary>Writes the status of each folder whose messages the client wants to hear of, for NOTIFY SET STATUS.</summary>
    public void WriteStatus(ref ImapWriter writer, FolderId? selected, EnabledExtensions enabled)
    {
        foreach (var folder in _folders.All)
        {
            var events = _request.EventsOf(folder.Name, _folders.Subscriptions);
            if (folder.Id == selected || !events.HasFlag(NotifyEvents.Messages) || !_status.TryGetValue(folder.Id, out var status)) continue;
            // RFC 5465 §3.1: the first time HIGHESTMODSEQ is told even if the client has not enabled CONDSTORE.
            Write(ref writer, folder.Name, status, ItemsFor(events, withModSeq: events.HasFlag(NotifyEvents.FlagChange) || enabled.CondStore), enabled);
        }
    }

    /// <summary>Writes the changes, except those of messages in the selected folder.</summary>
    public void Write(ref ImapWriter writer, FolderId? selected, EnabledExtensions enabled)
    {
        foreach (var (folder, oldName) in _listed) folder.Write(ref writer, Listed, enabled, oldName);
        _listed.Clear();
        foreach (var (id, changes) in _changed)
        {
            if (id == selected || !_names.TryGetValue(id, out var name) || !_status.TryGetValue(id, out var status)) continue;
            var events = _request.EventsOf(name, _folders.Subscriptions);
            var told = events.HasFlag(NotifyEvents.Messages) ? changes & StatusChanges.Messages : StatusChanges.None;
            // RFC 5465 §5.1: without CONDSTORE only \Seen shows in a STATUS response.
            if (events.HasFlag(NotifyEvents.FlagChange)) told |= enabled.CondStore ? changes : changes & StatusChanges.Unseen;
            if (told != StatusChanges.None) Write(ref writer, name, status, ItemsFor(events, enabled.CondStore), enabled);
        }

        _changed.Clear();
        foreach (var (name, entries) in _annotated)
            AnnotationWriter.WriteNames(ref writer, name.Length == 0 ? null : FolderName.Parse(name), entries, enabled.Utf8Names);
        _annotated.Clear();
    }

    private void Apply(AnnotationsChanged change)
    {
        var isWanted = change.Folder is { } folder ? _request.EventsOf(folder, _folders.Subscriptions).HasFlag(NotifyEvents.MailboxMetadataChange) : _request.WantsServer;
        if (!isWanted) return;
        var key = change.Folder?.Value ?? "";
        if (!_annotated.TryGetValue(key, out var names)) _annotated.Add(key, names = new SortedSet<string>(StringComparer.OrdinalIgnoreCase));
        names.UnionWith(change.Names);
    }

    private void AddNames(IReadOnlyList<(FolderName Name, FolderName? Old)> changed)
    {
        if (changed.Count == 0) return;
        var hierarchy = new FolderHierarchy(_folders, Listed);
        foreach (var (name, old) in changed)
        {
            var listed = hierarchy.Find(name) ?? new ListedFolder(name, FolderRole.None, IsFolder: false) { IsSubscribed = _folders.Subscriptions.Contains(name) };
            _listed.Add((listed, old?.Value));
        }
    }

    private static void Write(ref ImapWriter writer, FolderName name, FolderStatus status, List<StatusItem> items, EnabledExtensions enabled) =>
        StatusItems.Write(ref writer, name, status, items, appendLimit: 0, enabled.Utf8Names);

    private static List<StatusItem> ItemsFor(NotifyEvents events, bool withModSeq)
    {
        List<StatusItem> items = [StatusItem.Messages, StatusItem.UidNext, StatusItem.UidValidity];
        if (events.HasFlag(NotifyEvents.FlagChange)) items.Add(StatusItem.Unseen);
        if (withModSeq) items.Add(StatusItem.HighestModSeq);
        return items;
    }

    private void Apply(FolderStatus status, bool isOwn)
    {
        var changes = Compare(_status.GetValueOrDefault(status.Id), status);
        _status[status.Id] = status;
        if (isOwn || changes == StatusChanges.None) return;
        _changed[status.Id] = _changed.GetValueOrDefault(status.Id) | changes;
    }

    private static StatusChanges Compare(FolderStatus? before, FolderStatus after)
    {
        // A new folder is empty as long as nothing else is told.
        if (before is null) return after.Messages == 0 ? StatusChanges.None : StatusChanges.Messages | StatusChanges.Unseen | StatusChanges.ModSeq;
        var changes = StatusChanges.None;
        if ((before.Messages, before.UidNext, before.UidValidity) != (after.Messages, after.UidNext, after.UidValidity)) changes |= StatusChanges.Messages;
        if (before.Unseen != after.Unseen) changes |= StatusChanges.Unseen;
        if (before.HighestModSeq != after.HighestModSeq) changes |= StatusChanges.ModSeq;
        return changes;
    }

    private void Apply(MailboxReply.Folders folders, bool isOwn)
    {
        var names = NamesOf(folders);
        var changed = isOwn ? [] : new FolderTreeChanges(_names, names, _folders.Subscriptions, folders.Subscriptions, _request).Find();
        (_folders, _names) = (folders, names);
        AddNames(changed);
        foreach (var gone in _status.Keys.Where(id => !names.ContainsKey(id)).ToList())
        {
            _status.Remove(gone);
            _changed.Remove(gone);
        }
    }

    private static Dictionary<FolderId, FolderName> NamesOf(MailboxReply.Folders folders) => folders.All.ToDictionary(static f => f.Id, static f => f.Name);
}
