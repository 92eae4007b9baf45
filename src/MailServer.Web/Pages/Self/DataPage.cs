using System.Globalization;

namespace MailServer.Web.Pages.Self;

/// <summary>The user's own data: how much space each folder takes, and export and import of mail, calendars and contacts.</summary>
internal static class DataPage
{
    private const string Path = "/me/data";
    private const int MostReasons = 5;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.SignedIn, ShowAsync),
        PageRoute.Get(Path + "/export", PageAudience.SignedIn, static request => Task.FromResult<PageResult>(Export(request))),
        PageRoute.Post(Path + "/import", PageAudience.SignedIn, ImportAsync, Path).About("file") with { HasFile = true },
    ];

    private static async Task<PageResult> ShowAsync(PageRequest request)
    {
        var folders = await request.Services.Mailboxes.FoldersAsync(request.Account.Id, request.Cancel) ?? [];
        var collections = await request.Services.Dav.ListAsync(request.Account, request.Cancel);
        return PageResult.Render<DataView, DataModel>("Your data", new DataModel(
            [.. folders.Select(static f => new FolderUse(f.Name.Value, f.Status.Messages, f.Status.Size)).OrderByDescending(static f => f.Octets).ThenBy(static f => f.Name, StringComparer.Ordinal)],
            collections.Where(static c => c.SharedBy.Length == 0).Sum(static c => c.Octets), request.Account.Quota, request.Services.Limits.PageUpload));
    }

    private static PageResult.StreamedDownload Export(PageRequest request)
    {
        var (account, isMbox) = (request.Account, request.Query("format") != "maildir");
        var name = string.Create(CultureInfo.InvariantCulture, $"mail-{request.Services.Time.GetUtcNow():yyyy-MM-dd}{(isMbox ? "" : "-maildir")}.zip");
        return new PageResult.StreamedDownload("application/zip", name, output => request.Services.Archives.ExportAsync(account, isMbox, output, request.Cancel));
    }

    private static async Task<PageResult> ImportAsync(PageRequest request)
    {
        var file = await request.FileAsync("file");
        var done = await Task.Run(() => request.Services.Archives.ImportAsync(request.Account, file, request.Cancel));
        if (done is { Filed: 0, Present: 0, Entries: 0, Refused.Count: 0 }) throw PageException.Invalid("The archive has no mbox files, no Maildir, and no calendars or contacts (.ics, .vcf).", "file");
        var sum = $"{DisplayFormat.Count(done.Filed, "message")} imported, {DisplayFormat.Number(done.Present)} there already; {DisplayFormat.Count(done.Entries, "event or contact", "events and contacts")} imported.";
        if (done.Refused.Count == 0) return request.RedirectWithNotice(sum);
        return request.RedirectWithFault($"{sum} Refused: {string.Join("; ", done.Refused.Take(MostReasons))}{(done.Refused.Count > MostReasons ? "; …" : ".")}");
    }
}

/// <summary>The space that a folder takes.</summary>
public sealed record FolderUse(string Name, long Messages, long Octets);

/// <summary>The user's data.</summary>
/// <param name="Folders">The folders, the largest first.</param>
/// <param name="CollectionOctets">The size of the calendars and contacts.</param>
/// <param name="Quota">The quota of the mail in octets; null if there is none.</param>
/// <param name="MostUpload">The largest archive that can be imported, in octets.</param>
public sealed record DataModel(IReadOnlyList<FolderUse> Folders, long CollectionOctets, long? Quota, int MostUpload);
