using MailServer.Domain.Mailboxes;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's overview: mail, calendars and security settings.</summary>
internal static class HomePage
{
    public static IEnumerable<PageRoute> Routes() => [PageRoute.Get("/me", PageAudience.SignedIn, ShowAsync)];

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var folders = await request.Services.Mailboxes.FoldersAsync(request.Account.Id, request.Cancel) ?? [];
        var collections = await request.Services.Dav.ListAsync(request.Account, request.Cancel);
        return PageResult.Render<HomeView, HomeModel>("Overview", new HomeModel(
            Paged.Of<FolderUsage>([.. folders.OrderByDescending(static f => f.Status.Size).Select(static f => Describe(f.Name, f.Status))], request.PageNumber),
            folders.Sum(static f => f.Status.Size),
            folders.Sum(static f => (long)f.Status.Messages),
            collections,
            request.Credentials!.AppPasswords.Count,
            request.Credentials.Totp is not null,
            request.Credentials.Account.Quota));
    }

    private static FolderUsage Describe(FolderName name, FolderStatus status) => new(name.IsInbox ? "Inbox" : name.Value, status.Messages, status.Unseen, status.Size);
}

/// <summary>The usage of an account, and its mail quota in octets (null: no quota).</summary>
public sealed record HomeModel(
    Paged<FolderUsage> Folders, long MailOctets, long Messages, IReadOnlyList<CollectionDocument> Collections, int Devices, bool HasTotp, long? Quota);

/// <summary>The size of a folder.</summary>
public sealed record FolderUsage(string Name, int Messages, int Unseen, long Octets);
