using System.CommandLine;
using System.Globalization;
using MailServer.Common;
using MailServer.Domain;
using MailServer.Domain.Backup;
using MailServer.Domain.Formatting;
using MailServer.Hosting;
using MailServer.Protocol.Messages;
using MailServer.Storage.Backup;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>backup</c>, <c>backup verify</c> and <c>restore</c>.</summary>
internal static class BackupCommands
{
    private static readonly Argument<string> DirectoryArgument = new("DIR") { Description = "Folder that contains the backups." };
    private static readonly Option<string> NameOption = new("--name") { Description = "The name of the backup. Default: the newest.", HelpName = "NAME" };

    public static Command Create(CommandFactory factory)
    {
        var backup = Make(factory);
        backup.Add(Verify(factory));
        backup.Add(List(factory));
        backup.Add(RunningBackups.Status(factory));
        return backup;
    }

    public static Command CreateRestore(CommandFactory factory)
    {
        var account = new Option<string>("--account") { Description = "Restore only this user's mail, calendars and contacts. The user must exist and have none, unless the server runs.", HelpName = "ADDRESS" };
        var skip = new Option<bool>("--skip-damaged") { Description = "Restore the undamaged files of a damaged backup. Without this option a damaged backup is not restored." };
        return factory.Action(
            "restore", "Restore a backup, or one user from it. The server must be stopped and the data directory empty. With --account and a running server, add the messages that the user no longer has.",
            ["restore /var/backups/mailserver", "restore /var/backups/mailserver --name 20260101T030000Z", "restore /var/backups/mailserver --account ann@example.org"],
            [DirectoryArgument, NameOption, account, skip, factory.Json], async (context, cancel) =>
            {
                if (context.Get(account) is { } user && AdminClient.IsRunning(context.Options.Storage.AdminSocketPath))
                    return await RunningBackups.RestoreAsync(context, Path.GetFullPath(context.Get(DirectoryArgument)), context.Get(NameOption), CommandContext.Address(user), cancel);
                await RefuseRunningAsync(context, cancel);
                var backup = Find(context);
                return context.Get(account) is { } address
                    ? await RestoreAccountAsync(context, backup, address, context.Get(skip), cancel)
                    : await RestoreAllAsync(context, backup, context.Get(skip), cancel);
            });
    }

    private static Command Make(CommandFactory factory)
    {
        var keep = new Option<int?>("--keep") { Description = "Keep the N newest backups and remove older ones.", HelpName = "N" };
        return factory.Action(
            "backup", "Make a complete online backup. Later backups copy only what changed since the previous one.",
            ["backup /var/backups/mailserver", "backup /var/backups/mailserver --keep 14", "backup verify /var/backups/mailserver"], [DirectoryArgument, keep, factory.Json], async (context, cancel) =>
            {
                if (context.Get(keep) is < 1) throw new CommandFailure("--keep must be at least 1", ExitCodes.Usage);
                var directory = Path.GetFullPath(context.Get(DirectoryArgument));
                var made = await ProgressBar.RunAsync(context, report => AdminClient.IsRunning(context.Options.Storage.AdminSocketPath)
                    ? AskServerAsync(context, directory, report, cancel)
                    : MakeAsync(context, directory, report, cancel));
                if (context.WantsJson)
                {
                    var listing = new Listing("name", "files", "bytes", "new_files", "new_bytes");
                    listing.Add(made.Name, made.Files, made.Bytes, made.NewFiles, made.NewBytes);
                    context.Print(listing);
                }
                else
                {
                    context.WriteLine($"{made.Name}: {Quantity.Of(made.Files, "file")}, {Size(made.Bytes)}; new: {Quantity.Of(made.NewFiles, "file")}, {Size(made.NewBytes)}");
                }

                if (context.Get(keep) is { } most) Prune(context, directory, most, made);
                foreach (var warning in made.Warnings) context.Shell.WriteError($"warning: {warning}");
                foreach (var problem in made.Problems) context.Shell.WriteError($"not in the backup: {problem}");
                return made.Problems.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
            });
    }

    private static void Prune(CommandContext context, string directory, int keep, BackupSummary made)
    {
        // An older backup may contain what this incomplete one lacks.
        if (made.Problems.Count > 0) return;
        var outcome = new BackupRepository(directory).Prune(keep, made.Name);
        foreach (var name in outcome.Removed.Where(_ => !context.WantsJson)) context.WriteLine($"removed {name}");
        foreach (var failure in outcome.Failed) context.Shell.WriteError($"warning: {failure}");
    }

    private static async Task<BackupSummary> AskServerAsync(CommandContext context, string directory, ProgressBar.Report report, CancellationToken cancel)
    {
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var path = $"backup?directory={Uri.EscapeDataString(directory)}&config={Uri.EscapeDataString(Path.GetFullPath(context.ConfigPath))}";
        await foreach (var line in server.StreamAsync<BackupLine>(path, static () => { }, cancel, HttpMethod.Post))
        {
            if (line.Error is { } error) throw new CommandFailure($"the backup failed and was discarded: {error}");
            if (line.Name is { } name) return new BackupSummary(name, line.Done, line.Bytes, line.NewFiles, line.NewBytes) { Problems = line.Problems, Warnings = line.Warnings };
            report(line.What, line.Done, line.Total);
        }

        cancel.ThrowIfCancellationRequested();
        throw new CommandFailure("the server stopped during the backup, which was discarded");
    }

    private static async Task<BackupSummary> MakeAsync(CommandContext context, string directory, ProgressBar.Report report, CancellationToken cancel)
    {
        var places = BackupLayout.PlacesOf(context.Options, context.ConfigPath);
        using var users = context.OpenDirectory();
        var accounts = await users.Administration.ListAccountsAsync(null, cancel);
        var limits = Limits.Default with { MaxMessageSize = context.Options.Security.MaxMessageSize };
        var source = new OfflineBackupSource(places, limits, new MessageFormat(limits), context.Shell.Time);
        var writer = new BackupWriter(places, new BackupRepository(directory), source, context.Shell.Time);
        return await writer.RunAsync([.. accounts.Select(static a => a.Id)], new SynchronousProgress(report), cancel);
    }

    private static Command Verify(CommandFactory factory) => factory.Action(
        "verify", "Verify that every file of a backup is present and unchanged.",
        ["backup verify /var/backups/mailserver"], [DirectoryArgument, NameOption, factory.Json], async (context, cancel) =>
        {
            var backup = Find(context);
            var problems = await ProgressBar.RunAsync(context, report => Task.Run(() => BackupVerifier.Verify(backup, new SynchronousProgress(report), cancel), cancel));
            var listing = new Listing("problem");
            foreach (var problem in problems) listing.Add(problem);
            if (problems.Count == 0 && !context.WantsJson) context.WriteLine($"{Path.GetFileName(backup)}: every file is present and unchanged");
            else context.Print(listing);
            return problems.Count == 0 ? ExitCodes.Success : ExitCodes.Failed;
        });

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "List the backups, oldest first.", ["backup list /var/backups/mailserver"], [DirectoryArgument, factory.Json], (context, _) =>
        {
            var folder = new BackupRepository(context.Get(DirectoryArgument));
            if (!Directory.Exists(folder.Path)) throw new CommandFailure($"there is no directory {folder.Path}");
            var listing = new Listing("name", "number");
            foreach (var backup in folder.List()) listing.Add(backup.Name, (object?)backup.Counter ?? "unreadable");
            context.Print(listing);
            foreach (var oddity in folder.FindAnomalies(context.Shell.Time.GetUtcNow())) context.Shell.WriteError($"warning: {oddity}");
            return Task.FromResult(ExitCodes.Success);
        });

    /// <summary>Returns the backup given by name, or the newest. When it chooses the newest, it also prints warnings about unusual entries in the folder.</summary>
    private static string Find(CommandContext context)
    {
        var folder = new BackupRepository(context.Get(DirectoryArgument));
        var found = folder.Find(context.Get(NameOption));
        if (context.Get(NameOption) is null)
            foreach (var oddity in folder.FindAnomalies(context.Shell.Time.GetUtcNow())) context.Shell.WriteError($"warning: {oddity}");
        return found;
    }

    private static async Task<int> RestoreAllAsync(CommandContext context, string backup, bool skipDamaged, CancellationToken cancel)
    {
        var restore = new BackupRestorer(backup, BackupLayout.PlacesOf(context.Options, null));
        if (restore.FindConflict() is { } conflict) throw new CommandFailure(conflict);
        if (restore.FindObstacle() is { } obstacle)
            throw new CommandFailure($"{obstacle} is not empty, and restore never overwrites data: move it away, or set another {(context.Options.Cluster.Enabled ? "storage.data_dir or cluster.database" : "storage.data_dir")} in the configuration file");
        await PrepareSharedAsync(context, restore, backup, cancel);
        var outcome = await ProgressBar.RunAsync(context, report => Task.Run(() => restore.RestoreAll(skipDamaged, new SynchronousProgress(report), cancel), cancel));
        if (outcome.IsDone) context.WriteLine($"restored {Path.GetFileName(backup)}; mail in the restored queue is sent when the server starts (see 'mailserver queue list')");
        foreach (var file in outcome.NotRestored) context.WriteLine($"not restored, because the existing file may be newer: {file}");
        return Finish(context, outcome, backup);
    }

    /// <summary>Prints the damaged files and returns the exit code.</summary>
    private static int Finish(CommandContext context, RestoreOutcome outcome, string backup)
    {
        foreach (var damaged in outcome.Damaged) context.Shell.WriteError(damaged);
        if (outcome.Damaged.Count == 0) return ExitCodes.Success;
        context.Shell.WriteError(outcome.IsDone
            ? $"{Path.GetFileName(backup)} is damaged: everything except the files listed above was restored"
            : $"{Path.GetFileName(backup)} is damaged and nothing was restored: choose another backup with --name, or restore the undamaged files with --skip-damaged");
        return ExitCodes.Failed;
    }

    /// <summary>Creates the tables of the cluster database for the restored accounts and queue. Throws when backup and configuration do not match: one of a cluster, the other not.</summary>
    private static async Task PrepareSharedAsync(CommandContext context, BackupRestorer restore, string backup, CancellationToken cancel)
    {
        var isCluster = context.Options.Cluster.Enabled;
        if (restore.IsOfCluster && !isCluster)
            throw new CommandFailure($"{Path.GetFileName(backup)} is a cluster backup: its accounts and queue belong in a PostgreSQL database; set cluster.enabled, and cluster.database to an empty database");
        if (!restore.IsOfCluster && isCluster)
            throw new CommandFailure($"{Path.GetFileName(backup)} is a single-server backup: set cluster.enabled to false, restore it, then run 'mailserver cluster migrate'");
        if (!isCluster) return;
        await using var database = SharedStores.Connect(context.Options);
        database.Migrate(create: true);
    }

    private static async Task<int> RestoreAccountAsync(CommandContext context, string backup, string account, bool skipDamaged, CancellationToken cancel)
    {
        var address = CommandContext.Address(account);
        using var users = context.OpenDirectory();
        var now = (await users.Administration.ListAccountsAsync(null, cancel)).FirstOrDefault(a => a.Address.Equals(address))
            ?? throw new CommandFailure($"no user '{address}'; add it with 'mailserver user add {address}'");
        if (new BackupRestorer(backup, BackupLayout.PlacesOf(context.Options, null)).IsOfCluster)
            throw new CommandFailure($"{Path.GetFileName(backup)} is a cluster backup, from which a single user cannot be restored: restore all of it into an empty data_dir and database, then move the mail with 'mailserver export' and 'import'");
        var then = await BackupAccounts.ReadAsync(backup, context.Shell.Time, cancel);
        if (!then.Ids.TryGetValue(address, out var before))
        {
            throw new CommandFailure(then.Damage is null
                ? $"the backup {Path.GetFileName(backup)} has no user {address}"
                : $"the backup {Path.GetFileName(backup)} is damaged ({then.Damage}), and none of its mail folders names {address} as its owner: choose another backup with --name");
        }

        if (then.Damage is { } damage) context.Shell.WriteError($"warning: the backup {Path.GetFileName(backup)} is damaged ({damage}); the user's mail was found by the owner that its folder names");
        var restore = new BackupRestorer(backup, BackupLayout.PlacesOf(context.Options, null));
        if (restore.FindConflict() is { } conflict) throw new CommandFailure(conflict);
        var outcome = await ProgressBar.RunAsync(context, report => Task.Run(() => restore.RestoreAccount(before, now.Id, skipDamaged, new SynchronousProgress(report), cancel), cancel));
        if (outcome.IsDone) context.WriteLine($"restored {address} from {Path.GetFileName(backup)}");
        return Finish(context, outcome, backup);
    }

    private static Task RefuseRunningAsync(CommandContext context, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return AdminClient.IsRunning(context.Options.Storage.AdminSocketPath)
            ? throw new CommandFailure("the server is running: stop it before restoring")
            : Task.CompletedTask;
    }

    private static string Size(long octets) => octets switch
    {
        >= 1L << 30 => (octets / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GiB",
        >= 1L << 20 => (octets / (double)(1L << 20)).ToString("0.0", CultureInfo.InvariantCulture) + " MiB",
        _ => (octets / 1024d).ToString("0.0", CultureInfo.InvariantCulture) + " KiB",
    };
}
