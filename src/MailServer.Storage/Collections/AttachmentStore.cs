using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Storage.Collections;

/// <summary>Managed attachments and the calendar objects that refer to them. A sharee sees what the calendars shared with it refer to.</summary>
public sealed class AttachmentStore
{
    private readonly CollectionContext _context;
    private readonly SchedulingStore _scheduling;

    internal AttachmentStore(CollectionContext context, SchedulingStore scheduling) => (_context, _scheduling) = (context, scheduling);

    /// <summary>The objects that refer to an attachment of this account.</summary>
    public IEnumerable<ResourceEntry> Users(string id, AccountId? reader) => PathsOf(id, reader).Select(_scheduling.Read).OfType<ResourceEntry>();

    /// <summary>The scheduling object with a UID; null if there is none that the reader may read.</summary>
    public ResourceEntry? Scheduled(string uid, AccountId? reader) => _scheduling.Find(uid) is { } path && MayRead(path, reader) ? _scheduling.Read(path) : null;

    /// <summary>The attachments of this account that the stored object at a path refers to.</summary>
    public IReadOnlySet<string> UsedBy(CollectionPath path) =>
        _context.Tree.Find(path.Parent) is { } parent && _context.Resources.Find(parent.Id, path.Name) is { } entry ? _context.Attachments.UsedBy(entry.Id) : new HashSet<string>();

    internal CollectionReply Read(CollectionRequest.ReadAttachment request) =>
        (request.Sharee is null || PathsOf(request.Id, request.Sharee).Any()) && _context.Attachments.Find(request.Id) is { } found
            ? new CollectionReply.AttachmentFound(found)
            : new CollectionReply.Refused(CollectionRefusal.NotFound);

    private IEnumerable<CollectionPath> PathsOf(string id, AccountId? reader) =>
        _context.Attachments.UsersOf(id).Select(user => _context.Tree.PathOf(user.Collection)?.Child(user.Name)).OfType<CollectionPath>().Where(path => MayRead(path, reader));

    private bool MayRead(CollectionPath path, AccountId? reader) =>
        reader is not { } sharee || _context.Tree.Find(new CollectionPath(path.Space, [path.Names[0]]))?.Info.AccessOf(sharee) > CollectionAccess.None;
}
