using MailServer.Actors.Maintenance;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace MailServer.Web.Admin;

/// <summary>The backups: where they are, the last complete one, those in the directory, and the job that runs or ran last. Names are those of the backups' folders, newest last.</summary>
public sealed record BackupStateDocument(string? Directory, DateTimeOffset? LastAt, string? LastDirectory, IReadOnlyList<string> Backups, BackupJobDocument? Job);

/// <summary>
/// A job. <paramref name="Kind"/> is backup, verify or restore; the progress is in files or messages; <paramref name="EndedAt"/> is null while it runs.
/// </summary>
public sealed record BackupJobDocument(
    string Kind, string Directory, string Name, string Account, DateTimeOffset StartedAt, DateTimeOffset? EndedAt, string Step, long Done, long Total, string Result, IReadOnlyList<string> Problems);

/// <summary>Backup endpoints: <c>GET backups</c>, <c>POST backups/run</c>, <c>backups/verify</c> and <c>backups/restore</c>, which start a job.</summary>
public static class BackupEndpoints
{
    /// <summary>Why nothing can be started without a directory.</summary>
    public const string NoDirectory = "no directory for backups is known; set storage.backup_dir, or run 'mailserver backup DIR' once";

    public static void MapBackups(this IEndpointRouteBuilder endpoints, BackupJobs jobs, IDirectory directory)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(directory);
        var admin = endpoints.MapGroup(AdminApi.Prefix);
        admin.MapGet("backups", context => RuntimeEndpoints.WriteAsync(context, Describe(jobs)));
        admin.MapPost("backups/run", In(jobs, (_, place) => ValueTask.FromResult(jobs.StartBackup(place))));
        admin.MapPost("backups/verify", In(jobs, (context, place) => ValueTask.FromResult(jobs.StartVerify(place, NameIn(context)))));
        admin.MapPost("backups/restore", In(jobs, async (context, place) =>
        {
            var text = context.Request.Query["account"].ToString();
            return EmailAddress.TryParse(text, out var address) && (await directory.FindLoginAsync(address, context.RequestAborted))?.Account is { } account
                ? jobs.StartRestore(place, NameIn(context), account)
                : throw new DirectoryException(DirectoryRefusal.AccountUnknown, text);
        }));
    }

    private static RequestDelegate In(BackupJobs jobs, Func<HttpContext, string, ValueTask<string?>> start) => context => DirectoryAnswers.RunAsync(context, async () =>
    {
        var given = context.Request.Query["directory"].ToString();
        var place = given.Length > 0 ? given : jobs.Directory;
        var refusal = place is null ? NoDirectory : !Path.IsPathRooted(place) ? "directory must be an absolute path" : await start(context, place);
        if (refusal is null) await RuntimeEndpoints.WriteAsync(context, Describe(jobs));
        else await DirectoryAnswers.RefuseAsync(context, StatusCodes.Status409Conflict, refusal);
    });

    private static string? NameIn(HttpContext context) => context.Request.Query["name"].ToString() is { Length: > 0 } name ? name : null;

    private static BackupStateDocument Describe(BackupJobs jobs)
    {
        var last = jobs.LastComplete;
        return new BackupStateDocument(
            jobs.Directory, last?.At, last?.Directory, [.. (jobs.Directory is { } place ? BackupJobs.List(place) : []).Select(static b => b.Name)], jobs.Current is { } job ? Describe(job) : null);
    }

    private static BackupJobDocument Describe(BackupJob job) => new(
        NameOf(job.Kind), job.Directory, job.Name, job.Account, job.StartedAt, job.EndedAt, job.Progress.Step ?? "", job.Progress.Done, job.Progress.Total, job.Result, job.Problems);

    private static string NameOf(BackupJobKind kind) => kind switch { BackupJobKind.Backup => "backup", BackupJobKind.Verify => "verify", _ => "restore" };
}
