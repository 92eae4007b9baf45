using System.CommandLine;
using MailServer.Common;
using MailServer.Domain.Addresses;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Backup jobs of the running server: <c>backup status</c>, and <c>restore --account</c> while it runs.</summary>
internal static class RunningBackups
{
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromMilliseconds(300);

    public static Command Status(CommandFactory factory) => factory.Action(
        "status", "Show the last complete backup, and the backup job of the server that runs or ran last.", ["backup status", "backup status --json"], [factory.Json], async (context, cancel) =>
        {
            using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
            var state = await server.GetAsync<BackupStateDocument>("backups", cancel);
            var listing = new Listing("what", "value");
            if (context.WantsJson)
            {
                listing = new Listing("directory", "last", "last_directory", "backups", "job", "name", "account", "started", "ended", "done", "total", "result", "problems");
                var job = state.Job;
                listing.Add(
                    state.Directory ?? "", HumanReadable.Time(state.LastAt), state.LastDirectory ?? "", state.Backups.ToArray(), job?.Kind ?? "", job?.Name ?? "", job?.Account ?? "",
                    HumanReadable.Time(job?.StartedAt), HumanReadable.Time(job?.EndedAt), job?.Done ?? 0, job?.Total ?? 0, job?.Result ?? "", job?.Problems.ToArray() ?? []);
                return context.Print(listing);
            }

            listing.Add("directory", state.Directory ?? "not known; set storage.backup_dir");
            listing.Add("last complete backup", state.LastAt is { } at ? at : "none");
            if (state.LastDirectory is { } place) listing.Add("made in", place);
            listing.Add("backups", state.Backups.Count);
            if (state.Job is { } current) Describe(listing, current);
            return context.Print(listing);
        });

    /// <summary>Lets the server add the messages that a user no longer has, and waits for it.</summary>
    public static async Task<int> RestoreAsync(CommandContext context, string directory, string? name, EmailAddress user, CancellationToken cancel)
    {
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var path = $"backups/restore?directory={Uri.EscapeDataString(directory)}&name={Uri.EscapeDataString(name ?? "")}&account={Uri.EscapeDataString(user.ToString())}";
        var state = await server.RequestAsync<BackupStateDocument>(HttpMethod.Post, path, cancel) ?? throw new CommandFailure($"no user '{user}'; add it with 'mailserver user add {user}'");
        var done = await ProgressBar.RunAsync(context, async report =>
        {
            while (state.Job is { EndedAt: null } job)
            {
                report(job.Step, job.Done, job.Total);
                await Task.Delay(BetweenLooks, context.Shell.Time, cancel);
                state = await server.GetAsync<BackupStateDocument>("backups", cancel);
            }

            return state.Job ?? throw new CommandFailure("the server has restarted; see 'mailserver backup status'");
        });
        foreach (var problem in done.Problems) context.Shell.WriteError(problem);
        if (done.Problems.Count > 0 && done.Result == "failed") return ExitCodes.Failed;
        context.WriteLine(done.Result);
        return done.Problems.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
    }

    private static void Describe(Listing listing, BackupJobDocument job)
    {
        listing.Add("job", job.Account.Length > 0 ? $"{job.Kind} of {job.Account} from {job.Name}" : $"{job.Kind} {job.Name}".TrimEnd());
        listing.Add("started", job.StartedAt);
        if (job.EndedAt is { } ended) listing.Add("ended", ended);
        else listing.Add("progress", $"{job.Step} {job.Done} of {job.Total}");
        if (job.Result.Length > 0) listing.Add("result", job.Result);
        foreach (var problem in job.Problems) listing.Add("problem", problem);
    }
}
