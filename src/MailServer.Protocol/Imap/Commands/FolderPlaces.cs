using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.Imap.Commands;

/// <summary>The folder names in requests to a mailbox.</summary>
internal static class FolderPlaces
{
    /// <summary>The folder that a request names; null if it names none, or two.</summary>
    public static FolderName? NameIn(MailboxRequest request) => request switch
    {
        MailboxRequest.CreateFolder create => create.Name,
        MailboxRequest.DeleteFolder delete => delete.Name,
        MailboxRequest.GetStatus status => status.Name,
        MailboxRequest.GetQuota get => get.Folder,
        MailboxRequest.GetAnnotations get => get.Folder,
        MailboxRequest.SetAnnotations set => set.Folder,
        MailboxRequest.Append append => append.Folder,
        MailboxRequest.AppendAll append => append.Folder,
        MailboxRequest.GetRights get => get.Folder,
        MailboxRequest.GetGrants get => get.Folder,
        MailboxRequest.SetGrant set => set.Folder,
        _ => null,
    };

    /// <summary>The request with another name.</summary>
    public static MailboxRequest WithName(MailboxRequest request, FolderName name) => request switch
    {
        MailboxRequest.CreateFolder create => create with { Name = name },
        MailboxRequest.DeleteFolder delete => delete with { Name = name },
        MailboxRequest.GetStatus status => status with { Name = name },
        MailboxRequest.GetQuota get => get with { Folder = name },
        MailboxRequest.GetAnnotations get => get with { Folder = name },
        MailboxRequest.SetAnnotations set => set with { Folder = name },
        MailboxRequest.Append append => append with { Folder = name },
        MailboxRequest.AppendAll append => append with { Folder = name },
        MailboxRequest.GetRights get => get with { Folder = name },
        MailboxRequest.GetGrants get => get with { Folder = name },
        MailboxRequest.SetGrant set => set with { Folder = name },
        _ => throw new ArgumentException($"{request.GetType().Name} names no folder", nameof(request)),
    };

    /// <summary>Whether the request is about the selected folder, by its id.</summary>
    public static bool IsOfSelected(MailboxRequest request) => request
        is MailboxRequest.Poll or MailboxRequest.Fetch or MailboxRequest.Store or MailboxRequest.StoreUnchanged or MailboxRequest.ListChanges or MailboxRequest.GetHighestModSeq or MailboxRequest.Expunge
        or MailboxRequest.Search or MailboxRequest.Sort or MailboxRequest.Thread or MailboxRequest.Export or MailboxRequest.RemoveMessages;
}
