using MailServer.Domain.Collections;
using MailServer.Domain.Mailboxes;

namespace MailServer.Actors.Entities;

/// <summary>How the region treats a request.</summary>
/// <param name="Answer">Maximum time until the answer once the request has arrived. A request that did not arrive is noticed within seconds.</param>
/// <param name="Repeatable">Executing the request twice has the same result as executing it once.</param>
internal readonly record struct RequestRule(TimeSpan Answer, bool Repeatable);

/// <summary>A request that is answered or refused, even if it is lost on its way to the actor.</summary>
internal interface ITrackedRequest
{
    RequestRule Rule { get; }
}

/// <summary>The rules of all requests that go through a region.</summary>
internal static class RequestRules
{
    /// <summary>Work on one account's database, including the time to open it.</summary>
    private static readonly TimeSpan Interactive = TimeSpan.FromSeconds(30);

    /// <summary>Work that may touch every message of a folder.</summary>
    private static readonly TimeSpan Folder = TimeSpan.FromMinutes(5);

    /// <summary>Work that may touch everything that an account has.</summary>
    private static readonly TimeSpan Account = TimeSpan.FromMinutes(10);

    /// <summary>A mailbox recognises a message that it already has.</summary>
    public static RequestRule Deliver { get; } = new(TimeSpan.FromMinutes(1), Repeatable: true);

    /// <summary>The key of a scheduling message identifies a duplicate.</summary>
    public static RequestRule ReceiveScheduling { get; } = new(Interactive, Repeatable: true);

    public static RequestRule ResumeScheduling { get; } = new(Interactive, Repeatable: true);

    /// <summary>A partition recognises a message that it already has.</summary>
    public static RequestRule Enqueue { get; } = new(TimeSpan.FromMinutes(1), Repeatable: true);

    public static RequestRule ReadQueue { get; } = new(TimeSpan.FromSeconds(10), Repeatable: true);

    /// <summary>A repeated deletion would report that there is no such message.</summary>
    public static RequestRule ChangeQueue { get; } = new(TimeSpan.FromSeconds(10), Repeatable: false);

    public static RequestRule Of(MailboxRequest request) => request switch
    {
        MailboxRequest.ListFolders or MailboxRequest.GetStatus or MailboxRequest.GetQuota or MailboxRequest.Select or MailboxRequest.Unselect or MailboxRequest.Watch or MailboxRequest.Poll
            or MailboxRequest.RunScript or MailboxRequest.Fetch or MailboxRequest.Store or MailboxRequest.Search or MailboxRequest.Sort or MailboxRequest.Thread or MailboxRequest.ListChanges or MailboxRequest.GetHighestModSeq or MailboxRequest.Expunge or MailboxRequest.Subscribe => new(Folder, Repeatable: true),
        MailboxRequest.GetRights or MailboxRequest.GetGrants or MailboxRequest.SetGrant or MailboxRequest.SignUrl or MailboxRequest.VerifyUrl or MailboxRequest.ResetUrlKeys => new(Interactive, Repeatable: true),
        MailboxRequest.GetAnnotations or MailboxRequest.SetAnnotations or MailboxRequest.ListScripts or MailboxRequest.ReadScript or MailboxRequest.PutScript or MailboxRequest.ActivateScript or MailboxRequest.TestScript => new(Interactive, Repeatable: true),
        // Repeated, they would report that there is no such script.
        MailboxRequest.DeleteScript or MailboxRequest.RenameScript => new(Interactive, Repeatable: false),
        MailboxRequest.RemoveMessages => new(Folder, Repeatable: true),
        // Repeated, it would leave files in the spool.
        MailboxRequest.Export => new(Folder, Repeatable: false),
        // Identified by its spool id.
        MailboxRequest.Append or MailboxRequest.AppendAll or MailboxRequest.Deliver => new(Folder, Repeatable: true),
        // Repeated, a conditional STORE would report its own changes as somebody else's.
        MailboxRequest.StoreUnchanged or MailboxRequest.Copy or MailboxRequest.Replace or MailboxRequest.CreateFolder or MailboxRequest.DeleteFolder or MailboxRequest.RenameFolder => new(Folder, Repeatable: false),
        MailboxRequest.Check or MailboxRequest.MakeCopy => new(Account, Repeatable: false),
        _ => throw new ArgumentException($"no rule for {request.GetType()}", nameof(request)),
    };

    public static RequestRule Of(CollectionRequest request) => request switch
    {
        CollectionRequest.Check or CollectionRequest.MakeCopy => new(Account, Repeatable: false),
        // The preconditions of a repeated change would fail.
        CollectionRequest.Change => new(Interactive, Repeatable: false),
        CollectionRequest.Find or CollectionRequest.List or CollectionRequest.Query or CollectionRequest.ReadMany or CollectionRequest.Synchronise or CollectionRequest.FindLocks
            or CollectionRequest.GetQuota or CollectionRequest.ListMounts or CollectionRequest.ReadAttachment or CollectionRequest.ListAttachmentUses or CollectionRequest.ListLinks or CollectionRequest.ListNotices
            or CollectionRequest.Search or CollectionRequest.ListBusyTimes => new(Interactive, Repeatable: true),
        _ => throw new ArgumentException($"no rule for {request.GetType()}", nameof(request)),
    };
}
