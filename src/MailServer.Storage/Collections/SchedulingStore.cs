using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Store operations for scheduling, within the transaction of the change that causes them.</summary>
public sealed class SchedulingStore
{
    private const string DefaultCalendarName = "calendar";

    private readonly CollectionContext _context;
    private readonly CollectionReader _reads;
    private readonly WriteGuard _guard;

    internal SchedulingStore(CollectionContext context, CollectionReader reads, WriteGuard guard)
    {
        _guard = guard;
        _context = context;
        _reads = reads;
    }

    public static CollectionPath Inbox { get; } = CollectionPath.HomeOf(CollectionSpace.Calendars).Child(SchedulingCollections.Inbox);

    public static CollectionPath Outbox { get; } = CollectionPath.HomeOf(CollectionSpace.Calendars).Child(SchedulingCollections.Outbox);

    /// <summary>Id of the last message that was queued; 0 if there was none.</summary>
    public long LastMessage => _context.Outgoing.Last;

    /// <summary>Number of queued messages.</summary>
    public long PendingCount => _context.Outgoing.Count;

    /// <summary>Checks only the preconditions of a change.</summary>
    public CollectionReply.Refused? Check(CollectionRequest.Put put) => _guard.Conditions(put.Path, put);

    /// <summary>Reads the resource at a path with its body.</summary>
    public ResourceEntry? Read(CollectionPath path) => _reads.Find(new CollectionRequest.Find(path, WithBody: true)) is CollectionReply.ItemFound found ? found.Resource : null;

    public CollectionInfo? Collection(CollectionPath path) => _context.Tree.Find(path)?.Info;

    /// <summary>Returns the path of the scheduling object with this UID; null if there is none.</summary>
    public CollectionPath? Find(string uid) => _context.Scheduled.Find(uid) is { } found ? _context.Tree.PathOf(found.Collection)?.Child(found.Name) : null;

    /// <summary>Lists the scheduling objects in a collection; empty if the path is not a collection.</summary>
    public IReadOnlyList<CollectionPath> ObjectsIn(CollectionPath path) =>
        _context.Tree.Find(path) is { } node ? [.. _context.Scheduled.NamesIn(node.Id).Select(path.Child)] : [];

    public ItipRevision? RevisionOf(ResourceEntry entry) => entry.ScheduleTag is null ? null : _context.Scheduled.RevisionOf(entry.Id);

    /// <summary>Returns the calendar for invitations: the <paramref name="wanted"/> one if it accepts them, otherwise the first that does; null if there is none.</summary>
    public CollectionPath? CalendarFor(CalendarComponents component, CollectionPath? wanted)
    {
        var home = CollectionPath.HomeOf(CollectionSpace.Calendars);
        foreach (var path in new[] { wanted, home.Child(DefaultCalendarName) })
            if (path is not null && Takes(_context.Tree.Find(path), component)) return path;
        return _context.Tree.Find(home)?.Children.Values.FirstOrDefault(node => Takes(node, component))?.Path;
    }

    /// <summary>Stores a message in the scheduling inbox, unless one of this name is or was there, or the quota is exceeded.</summary>
    public void Deposit(string name, NewResource resource)
    {
        if (_context.Tree.Find(Inbox) is not { } inbox || _context.Resources.Find(inbox.Id, name) is not null || _context.Resources.WasRemoved(inbox.Id, name)) return;
        if (_context.Used + resource.Body.Length > _context.Limits.DavQuota) return;
        _context.Begin();
        MakeRoom(inbox);
        var modSeq = _context.NextModSeq();
        _context.Resources.Insert(inbox.Id, name, resource, _context.UnixTime, modSeq);
        _context.Tree.Changed(inbox, modSeq);
        _context.Used += resource.Body.Length;
    }

    public SchedulingMessage Enqueue(SchedulingMessage message)
    {
        _context.Begin();
        return _context.Outgoing.Add(message);
    }

    /// <summary>Lists queued messages after an id, in order.</summary>
    public IReadOnlyList<SchedulingMessage> Messages(long after, int limit) => _context.Outgoing.List(after, limit);

    /// <summary>Removes a message whose delivery has ended.</summary>
    public void Remove(long message)
    {
        _context.Begin();
        _context.Outgoing.Remove(message);
    }

    /// <summary>Removes the oldest message if the inbox is full, because clients without scheduling support never empty it.</summary>
    private void MakeRoom(CollectionNode inbox)
    {
        if (_context.Resources.List(inbox.Id, 0, _context.Limits.ScheduleInbox) is not { } oldest || oldest.Count < _context.Limits.ScheduleInbox) return;
        var modSeq = _context.NextModSeq();
        _context.Resources.Remove(inbox.Id, oldest[0].Id, oldest[0].Name, modSeq);
        _context.Properties.RemoveAll(-oldest[0].Id);
        _context.Used -= oldest[0].Size;
    }

    private static bool Takes(CollectionNode? node, CalendarComponents component) => node is { Kind: CollectionKind.Calendar, IsGenerated: false } && (node.Components & component) != 0;
}
