using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;
using MailServer.Protocol.Dav.Import;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's calendars and address books, and their sharing.</summary>
internal static class CalendarsPage
{
    private const string Path = "/me/calendars";
    private const int MostReasons = 5;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, ShowAsync),
        PageRoute.Post("/me/calendars/share", PageAudience.SignedIn, ShareAsync, Path).About("with"),
        PageRoute.Post("/me/calendars/unshare", PageAudience.SignedIn, UnshareAsync, Path),
        PageRoute.Post("/me/calendars/link", PageAudience.SignedIn, LinkAsync, Path),
        PageRoute.Post("/me/calendars/unlink", PageAudience.SignedIn, UnlinkAsync, Path)
            .Confirmed("Delete secret link", ["collection"], static _ => "Delete the secret link?", static _ => "Everyone who uses the link can no longer see the calendar."),
        PageRoute.Get("/me/calendars/export", PageAudience.SignedIn, ExportAsync),
        PageRoute.Post("/me/calendars/import", PageAudience.SignedIn, ImportAsync, Path).About("file") with { HasFile = true },
    ];

    private static async Task<PageResult> ShowAsync(PageRequest request) => PageResult.Render<CalendarsView, CalendarsModel>("Calendars", new CalendarsModel(
        Paged.Of<CollectionDocument>(await request.Services.Dav.ListAsync(request.Account, request.Cancel), request.PageNumber), request.Services.Clients.WebRoot), hasSecret: true);

    private static async Task<PageResult> ShareAsync(PageRequest request)
    {
        var access = request.Field("access") == "write" ? CollectionAccess.ReadWrite : CollectionAccess.Read;
        var guest = await GuestAsync(request);
        var rights = access == CollectionAccess.ReadWrite ? "read and change" : "read";
        return await request.Services.Dav.ShareAsync(request.Account, request.Field("collection"), guest, access, request.Cancel)
            ? request.RedirectWithNotice($"{guest.Address} can now {rights} it.")
            : request.RedirectUnchanged($"{guest.Address} can {rights} it already");
    }

    private static async Task<PageResult> UnshareAsync(PageRequest request)
    {
        var guest = await GuestAsync(request);
        await request.Services.Dav.ShareAsync(request.Account, request.Field("collection"), guest, CollectionAccess.None, request.Cancel);
        return request.RedirectWithNotice($"{guest.Address} no longer sees it.");
    }

    private static async Task<PageResult> LinkAsync(PageRequest request)
    {
        await request.Services.Dav.LinkAsync(request.Account, request.Field("collection"), request.Cancel);
        return request.RedirectWithNotice("The calendar has a secret link. Whoever knows it can read the calendar.");
    }

    private static async Task<PageResult> UnlinkAsync(PageRequest request)
    {
        await request.Services.Dav.UnlinkAsync(request.Account, request.Field("collection"), request.Cancel);
        return request.RedirectWithNotice("The secret link is deleted and no longer works.");
    }

    private static async Task<PageResult> ExportAsync(PageRequest request)
    {
        var collections = await request.Services.Dav.ListAsync(request.Account, request.Cancel);
        var key = request.Query("collection");
        var found = collections.FirstOrDefault(c => c.SharedBy.Length == 0 && CalendarsModel.KeyOf(c) == key) ?? throw PageException.NotFound();
        var (type, extension) = found.Kind == "calendar" ? ("text/calendar; charset=utf-8", ".ics") : ("text/vcard; charset=utf-8", ".vcf");
        var name = string.Concat(found.Name.Select(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' ? c : '-'));
        return new PageResult.StreamedDownload(type, name + extension, output => request.Services.Dav.ExportAsync(request.Account, key, output, request.Cancel));
    }

    private static async Task<PageResult> ImportAsync(PageRequest request)
    {
        var file = await request.FileAsync("file");
        var done = await request.Services.Dav.ImportAsync(request.Account, request.Field("collection"), ImportFile.Read(file), request.Cancel);
        if (done.Found == 0) throw PageException.Invalid("The file contains no events, tasks or contacts.", "file");
        var sum = $"{DisplayFormat.Count(done.Stored, "entry", "entries")} imported, {DisplayFormat.Count(done.Duplicates, "duplicate", "duplicates")}, {done.Refused.Count} refused.";
        if (done.Refused.Count == 0) return request.RedirectWithNotice(sum);
        var reasons = string.Join("; ", done.Refused.Take(MostReasons)) + (done.Refused.Count > MostReasons ? "; …" : ".");
        return request.RedirectWithFault($"{sum} Refused: {reasons}");
    }

    private static async Task<Account> GuestAsync(PageRequest request)
    {
        var address = request.Address("with");
        return (await request.Services.Directory.FindLoginAsync(address, request.Cancel))?.Account ?? throw PageException.Invalid($"{address} has no account here.", "with");
    }
}

/// <summary>The collections of an account, and the base URL of secret links.</summary>
public sealed record CalendarsModel(Paged<CollectionDocument> Collections, string WebRoot)
{
    /// <summary>Extracts the address from <c>ann@example.org (read)</c>.</summary>
    public static string AddressOf(string guest)
    {
        var end = guest.LastIndexOf(" (", StringComparison.Ordinal);
        return end < 0 ? guest : guest[..end];
    }

    /// <summary>The name with the kind of home, so that a calendar and an address book can have the same name.</summary>
    public static string KeyOf(CollectionDocument collection) => (collection.Kind == "calendar" ? "calendars/" : "addressbooks/") + collection.Name;
}
