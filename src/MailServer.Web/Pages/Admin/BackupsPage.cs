using MailServer.Actors.Maintenance;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Health;
using MailServer.Web.Admin;

namespace MailServer.Web.Pages.Admin;

/// <summary>The backups: the last one and its result, a backup now, verification, and restoring the mail of one account.</summary>
internal static class BackupsPage
{
    public const string Path = "/admin/backups";
    private const string Live = Path + "?live=yes";
    private const string RefreshSeconds = "5";
    private const int MostListed = 100;

    public static IEnumerable<PageRoute> Routes() =>
    [
        PageRoute.Get(Path, PageAudience.Administrators, static request => Task.FromResult(Show(request))),
        PageRoute.Post(Path + "/run", PageAudience.Administrators, static request => Task.FromResult(Started(request, request.Services.Backups.StartBackup(DirectoryOf(request)), "A backup has been started.")), Path),
        PageRoute.Post(Path + "/verify", PageAudience.Administrators, static request => Task.FromResult(
            Started(request, request.Services.Backups.StartVerify(DirectoryOf(request), request.Field("name")), $"The verification of {request.Field("name")} has been started.")), Path),
        PageRoute.Post(Path + "/restore", PageAudience.Administrators, RestoreAsync, Path).Confirmed(
            "Restore", ["name", "address"], static r => $"Restore the mail of {DisplayFormat.Address(AddressOf(r))} from {r.Key("name")}?",
            static _ => "The messages of this backup that the user no longer has are added to the folders in which they were, with their flags and dates. Messages that the user deleted on purpose after the backup come back too. "
                + "Nothing is overwritten or removed, and a second restore adds nothing. Mail goes on arriving meanwhile. Calendars, contacts and filters are not restored here: stop the server and use “mailserver restore” for an account without them."),
    ];

    private static PageResult Show(PageRequest request)
    {
        var jobs = request.Services.Backups;
        var isLive = request.Query("live") == "yes" && jobs.Current is { IsRunning: true };
        if (isLive) request.Http.Response.Headers["Refresh"] = RefreshSeconds;
        var directory = jobs.Directory;
        IReadOnlyList<StoredBackup> all = directory is null ? [] : BackupJobs.List(directory);
        return PageResult.Render<BackupsView, BackupsModel>("Backups", new BackupsModel(
            directory, jobs.LastComplete, [.. all.Reverse().Take(MostListed)], all.Count, jobs.Current, [.. request.Services.Health.Current.Where(static f => f.Subject == "backup")], isLive));
    }

    private static async Task<PageResult> RestoreAsync(PageRequest request)
    {
        var address = AddressOf(request);
        var account = (await request.Services.Directory.FindLoginAsync(address, request.Cancel))?.Account ?? throw new DirectoryException(DirectoryRefusal.AccountUnknown, address.ToString());
        return Started(request, request.Services.Backups.StartRestore(DirectoryOf(request), request.Field("name"), account), $"Restoring the mail of {DisplayFormat.Address(address)} has been started.");
    }

    private static PageResult Started(PageRequest request, string? refusal, string notice) =>
        refusal is null ? request.RedirectWithNotice(notice, Live) : throw PageException.Invalid($"{char.ToUpperInvariant(refusal[0])}{refusal[1..]}.");

    private static string DirectoryOf(PageRequest request) =>
        request.Services.Backups.Directory ?? throw PageException.Invalid($"{char.ToUpperInvariant(BackupEndpoints.NoDirectory[0])}{BackupEndpoints.NoDirectory[1..]}.");

    private static EmailAddress AddressOf(PageRequest request) =>
        EmailAddress.TryParse(request.Key("address").Trim(), out var address) ? address : throw PageException.Invalid($"“{request.Key("address")}” is not an email address.");
}

/// <summary>The state of the backups.</summary>
/// <param name="Directory">Where they are; null if it is not known.</param>
/// <param name="Last">The last complete one; null if there is none.</param>
/// <param name="Backups">The newest in the directory, newest first.</param>
/// <param name="Count">How many are in the directory.</param>
/// <param name="Job">The job that runs or ran last; null if there was none since the server started.</param>
/// <param name="Findings">What the checks say about backups.</param>
/// <param name="IsLive">True if the page refreshes itself.</param>
public sealed record BackupsModel(string? Directory, LastBackup? Last, IReadOnlyList<StoredBackup> Backups, int Count, BackupJob? Job, IReadOnlyList<Finding> Findings, bool IsLive);
