using MailServer.Domain.Mailboxes;
using MailServer.Storage.MailboxIndex;

namespace MailServer.Actors.Mailboxes;

/// <summary>What a guest needs of one folder.</summary>
/// <param name="Name">The folder; null: <paramref name="Id"/>.</param>
/// <param name="Id">The folder that the guest has selected; null: <paramref name="Name"/>.</param>
/// <param name="All">All of these rights are needed.</param>
/// <param name="Missing">The answer if the guest may not know of the folder, as if it did not exist.</param>
internal sealed record NeededRights(FolderName? Name, FolderId? Id, FolderRights All, MailboxRefusal Missing = MailboxRefusal.NoSuchFolder)
{
    /// <summary>One of these rights is needed too; none: no other.</summary>
    public FolderRights Any { get; init; }

    /// <summary>The rights to the nearest existing folder above count.</summary>
    public bool IsAbove { get; init; }

    public MailboxRefusal? Refusal(GrantStore grants, MailboxGuest guest)
    {
        var rights = Id is { } id ? grants.RightsOf(id, guest) : IsAbove ? grants.RightsAbove(Name!.Value, guest) : grants.RightsOf(Name!.Value, guest);
        if (rights.HasFlag(All) && (Any == FolderRights.None || (rights & Any) != 0)) return null;
        return rights.HasFlag(Id is null ? FolderRights.Lookup : FolderRights.Read) ? MailboxRefusal.NoPermission : Missing;
    }
}

/// <summary>
/// Which rights each request of a guest needs (RFC 4314 §4): the only place where this is decided. Asked in the owner's mailbox actor for every request, so a right that was revoked is gone with the next one. What
/// is not in the table is the owner's alone.
/// </summary>
internal static class GuestRules
{
    private const FolderRights Move = FolderRights.Read | FolderRights.DeleteMessages | FolderRights.Expunge;
    private const FolderRights AnyFlag = FolderRights.Seen | FolderRights.Write | FolderRights.DeleteMessages;

    /// <summary>The refusal of a request; null if the guest may make it.</summary>
    /// <exception cref="IOException">The rights cannot be read.</exception>
    public static MailboxRefusal? Refusal(GrantStore grants, MailboxGuest guest, MailboxRequest request)
    {
        if (Of(request) is not { } needs) return MailboxRefusal.NoPermission;
        foreach (var need in needs)
            if (need.Refusal(grants, guest) is { } refusal) return refusal;
        return null;
    }

    /// <summary>What a request needs; null: only the owner may make it.</summary>
    public static IReadOnlyList<NeededRights>? Of(MailboxRequest request) => OfSelected(request) ?? OfNamed(request);

    private static NeededRights[]? OfSelected(MailboxRequest request) => request switch
    {
        // Everybody sees the folders that it may see.
        MailboxRequest.ListFolders or MailboxRequest.Unselect => [],
        MailboxRequest.Poll poll => [In(poll.Folder, FolderRights.Read)],
        MailboxRequest.Fetch fetch => [In(fetch.Folder, FolderRights.Read)],
        MailboxRequest.Search search => [In(search.Folder, FolderRights.Read)],
        MailboxRequest.Sort sort => [In(sort.Folder, FolderRights.Read)],
        MailboxRequest.Thread thread => [In(thread.Folder, FolderRights.Read)],
        MailboxRequest.ListChanges list => [In(list.Folder, FolderRights.Read)],
        MailboxRequest.GetHighestModSeq get => [In(get.Folder, FolderRights.Read)],
        MailboxRequest.Store store => [In(store.Folder, FolderRights.Read) with { Any = AnyFlag }],
        MailboxRequest.StoreUnchanged store => [In(store.Folder, FolderRights.Read) with { Any = AnyFlag }],
        MailboxRequest.Expunge expunge => [In(expunge.Folder, FolderRights.Read | FolderRights.Expunge)],
        MailboxRequest.Copy copy => [In(copy.Folder, copy.Move ? Move : FolderRights.Read), Into(copy.Target)],
        MailboxRequest.Replace replace => [In(replace.Folder, Move), Into(replace.Target)],
        MailboxRequest.Export export => [In(export.Folder, export.ForMove ? Move : FolderRights.Read)],
        MailboxRequest.RemoveMessages remove => [In(remove.Folder, Move)],
        _ => null,
    };

    private static NeededRights[]? OfNamed(MailboxRequest request) => request switch
    {
        MailboxRequest.GetStatus status => [Of(status.Name, FolderRights.Read)],
        MailboxRequest.Select select => [Of(select.Name, FolderRights.Read)],
        MailboxRequest.GetQuota { Folder: { } folder } => [Of(folder, FolderRights.Read)],
        MailboxRequest.Append append => [Into(append.Folder)],
        MailboxRequest.AppendAll append => [Into(append.Folder)],
        MailboxRequest.CreateFolder create => [Above(create.Name)],
        MailboxRequest.DeleteFolder delete => [Of(delete.Name, FolderRights.Delete)],
        // Renaming INBOX moves all its messages.
        MailboxRequest.RenameFolder rename => [Of(rename.From, rename.From.IsInbox ? FolderRights.All : FolderRights.Delete), Above(rename.To)],
        MailboxRequest.GetAnnotations { Folder: { } folder } => [Of(folder, FolderRights.Read)],
        MailboxRequest.SetAnnotations { Folder: { } folder } => [Of(folder, FolderRights.Read | FolderRights.Write)],
        MailboxRequest.GetRights get => [Of(get.Folder, FolderRights.None) with { Any = AccessRules.AnyKnown }],
        MailboxRequest.GetGrants get => [Of(get.Folder, FolderRights.Administer)],
        MailboxRequest.SetGrant set => [Of(set.Folder, FolderRights.Administer)],
        _ => null,
    };

    private static NeededRights In(FolderId folder, FolderRights rights) => new(null, folder, rights);

    private static NeededRights Of(FolderName folder, FolderRights rights) => new(folder, null, rights);

    private static NeededRights Into(FolderName folder) => new(folder, null, FolderRights.Insert, MailboxRefusal.NoSuchTarget);

    // Whether a folder above exists is not told either.
    private static NeededRights Above(FolderName folder) => new(folder, null, FolderRights.Create, MailboxRefusal.NoPermission) { IsAbove = true };
}
