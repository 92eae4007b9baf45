using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>What scheduling asks of an account's store, within the transaction of the change that it belongs to.</summary>
public sealed class SchedulingStore
{
    private const string DefaultCalendarName = "calendar";

    private readonly CollectionContext _context;
    private readonly CollectionReads _reads;
    private readonly WriteGuard _guard;

    internal SchedulingStore(CollectionContext context, CollectionReads reads, WriteGuard guard)
    {
        _guard = guard;
        _context = context;
        _reads = reads;
    }

    public static CollectionPath Inbox { get; } = CollectionPath.HomeOf(CollectionSpace.Calendars).Child(ScheduleBoxes.Inbox);

    public static CollectionPath Outbox { get; } = CollectionPath.HomeOf(CollectionSpace.Calendars).Child(ScheduleBoxes.Outbox);

    /// <summary>The number of the message that was made last; 0 when none waits.</summary>
    public long LastMessage => _context.Outgoing.Last;

    /// <summary>Messages that wait.</summary>
    public long Waiting => _context.Outgoing.Count;

    /// <summary>The preconditions of a change alone.</summary>
    public CollectionReply.Refused? Check(CollectionRequest.Put put) => _guard.Conditions(put.Path, put);

    /// <summary>The resource at a path, with its octets.</summary>
    public ResourceEntry? Read(CollectionPath path) => _reads.Find(new CollectionRequest.Find(path, WithBody: true)) is CollectionReply.Found found ? found.Resource : null;

    public CollectionInfo? Collection(CollectionPath path) => _context.Tree.Find(path)?.Info;

    /// <summary>Where the scheduling object with this UID is.</summary>
    public CollectionPath? Find(string uid) => _context.Scheduled.Find(uid) is { } found ? _context.Tree.PathOf(found.Collection)?.Child(found.Name) : null;

    /// <summary>The scheduling objects in a collection; at a path that is none, nothing.</summary>
    public IReadOnlyList<CollectionPath> ObjectsIn(CollectionPath path) =>
        _context.Tree.Find(path) is { } node ? [.. _context.Scheduled.NamesIn(node.Id).Select(path.Child)] : [];

    public ItipRevision? RevisionOf(ResourceEntry entry) => entry.ScheduleTag is null ? null : _context.Scheduled.RevisionOf(entry.Id);

    /// <summary>Where invitations go: the <paramref name="wanted"/> calendar if it takes them, else the first that does; null when there is none.</summary>
    public CollectionPath? CalendarFor(CalendarComponents component, CollectionPath? wanted)
    {
        var home = CollectionPath.HomeOf(CollectionSpace.Calendars);
        foreach (var path in new[] { wanted, home.Child(DefaultCalendarName) })
            if (path is not null && Takes(_context.Tree.Find(path), component)) return path;
        return _context.Tree.Find(home)?.Children.Values.FirstOrDefault(node => Takes(node, component))?.Path;
    }

    /// <summary>Puts a message into the inbox, unless one of this name is or was there; nothing happens when there is no room.</summary>
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

    /// <summary>Waiting messages after a number, in order.</summary>
    public IReadOnlyList<SchedulingMessage> Messages(long after, int limit) => _context.Outgoing.List(after, limit);

    /// <summary>A message has reached its end, one way or the other.</summary>
    public void Finish(long message)
    {
        _context.Begin();
        _context.Outgoing.Remove(message);
    }

    /// <summary>Clients that know no inbox never empty it.</summary>
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
