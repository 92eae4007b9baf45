using System.CommandLine;
using System.Globalization;
using MailServer.Actors.Queue;
using MailServer.Configuration;
using MailServer.Domain;
using MailServer.Domain.Backup;
using MailServer.Hosting;
using MailServer.Protocol.Messages;
using MailServer.Storage.Backup;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary><c>backup</c>, <c>backup verify</c> and <c>restore</c>.</summary>
internal static class BackupCommands
{
    private static readonly Argument<string> s_directory = new("DIR") { Description = "Where backups lie, a folder each." };
    private static readonly Option<string> s_name = new("--name") { Description = "Which backup; the newest if not given.", HelpName = "NAME" };

    public static Command Create(CommandFactory factory)
    {
        var backup = Make(factory);
        backup.Add(Verify(factory));
        backup.Add(List(factory));
        return backup;
    }

    public static Command CreateRestore(CommandFactory factory)
    {
        var account = new Option<string>("--account") { Description = "Only this account's mail, calendars and contacts; it must exist and have none.", HelpName = "ADDRESS" };
        return factory.Action(
            "restore", "Puts a backup back: into an empty installation, or one account. The server must not run.",
            ["restore /var/backups/mailserver", "restore /var/backups/mailserver --name 20260101T030000Z", "restore /var/backups/mailserver --account ann@example.org"],
            [s_directory, s_name, account, factory.Json], async (context, cancel) =>
            {
                await RefuseRunningAsync(context, cancel);
                var backup = new BackupFolder(context.Get(s_directory)).Find(context.Get(s_name));
                return context.Get(account) is { } address
                    ? await RestoreAccountAsync(context, backup, address, cancel)
                    : await RestoreAllAsync(context, backup, cancel);
            });
    }

    public static BackupPlaces PlacesOf(MailServerOptions options, string? configuration) => new()
    {
        DataDirectory = options.Storage.DataDir,
        MaildirDirectory = options.Storage.MaildirPath,
        DatabaseFile = options.Storage.DatabasePath,
        Shared = options.Cluster.Enabled ? () => SharedParts.Connect(options) : null,
        NodeDirectory = options.Cluster.Enabled ? options.Storage.NodeDir : null,
        Others =
        [
            .. configuration is null ? Array.Empty<(string, string)>() : [("config.yaml", Path.GetFullPath(configuration))],
            .. options.Domains.Where(static d => d.DkimKeyFile is not null).Select(static d => ($"dkim-{d.Name}.key", d.DkimKeyFile!)),
            .. options.Tls is { CertFile: { } certificate, KeyFile: { } key } ? [("tls-cert.pem", certificate), ("tls-key.pem", key)] : Array.Empty<(string, string)>(),
        ],
    };

    private static Command Make(CommandFactory factory)
    {
        var keep = new Option<int?>("--keep") { Description = "Keep the newest N backups and remove older ones.", HelpName = "N" };
        return factory.Action(
            "backup", "Copies everything, while the server runs. What did not change since the last backup is shared with it and not copied again.",
            ["backup /var/backups/mailserver", "backup /var/backups/mailserver --keep 14", "backup verify /var/backups/mailserver"], [s_directory, keep, factory.Json], async (context, cancel) =>
            {
                if (context.Get(keep) is < 1) throw new CommandFailure("--keep takes a number from 1", ExitCodes.Usage);
                var directory = Path.GetFullPath(context.Get(s_directory));
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
                    context.Say($"{made.Name}: {made.Files} files, {Size(made.Bytes)}; new: {made.NewFiles} files, {Size(made.NewBytes)}");
                }

                // An older backup may have what this one lacks.
                if (context.Get(keep) is { } most && made.Problems.Count == 0)
                    foreach (var name in new BackupFolder(directory).Prune(most).Where(_ => !context.WantsJson)) context.Say($"removed {name}");
                foreach (var problem in made.Problems) context.Shell.Complain($"not in the backup: {problem}");
                return made.Problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
            });
    }

    private static async Task<BackupSummary> AskServerAsync(CommandContext context, string directory, ProgressBar.Report report, CancellationToken cancel)
    {
        using var server = new AdminClient(context.Options.Storage.AdminSocketPath);
        var path = $"backup?directory={Uri.EscapeDataString(directory)}&config={Uri.EscapeDataString(Path.GetFullPath(context.ConfigPath))}";
        await foreach (var line in server.FollowAsync<BackupLine>(path, static () => { }, cancel, HttpMethod.Post))
        {
            if (line.Error is { } error) throw new CommandFailure($"the backup failed and nothing of it is kept: {error}");
            if (line.Name is { } name) return new BackupSummary(name, line.Done, line.Bytes, line.NewFiles, line.NewBytes) { Problems = line.Problems };
            report(line.What, line.Done, line.Total);
        }

        throw new CommandFailure("the server stopped before the backup was whole; nothing of it is kept");
    }

    private static async Task<BackupSummary> MakeAsync(CommandContext context, string directory, ProgressBar.Report report, CancellationToken cancel)
    {
        var places = PlacesOf(context.Options, context.ConfigPath);
        using var users = context.OpenDirectory();
        var accounts = await users.Administration.ListAccountsAsync(null, cancel);
        var limits = Limits.Default with { MaxMessageSize = context.Options.Security.MaxMessageSize };
        var source = new StoppedServerSource(places, limits, new MessageFormat(limits), context.Shell.Time);
        using var writer = new BackupWriter(places, new BackupFolder(directory), source, context.Shell.Time);
        return await writer.RunAsync([.. accounts.Select(static a => a.Id)], Told(report), cancel);
    }

    private static Command Verify(CommandFactory factory) => factory.Action(
        "verify", "Reads a backup again and tells whether every file is there and unchanged.",
        ["backup verify /var/backups/mailserver"], [s_directory, s_name, factory.Json], async (context, cancel) =>
        {
            var backup = new BackupFolder(context.Get(s_directory)).Find(context.Get(s_name));
            var problems = await ProgressBar.RunAsync(context, report => Task.Run(() => BackupVerifier.Verify(backup, Told(report), cancel), cancel));
            var listing = new Listing("problem");
            foreach (var problem in problems) listing.Add(problem);
            if (problems.Count == 0 && !context.WantsJson) context.Say($"{Path.GetFileName(backup)}: every file is there and unchanged");
            else context.Print(listing);
            return problems.Count == 0 ? ExitCodes.Done : ExitCodes.Failed;
        });

    private static Command List(CommandFactory factory) => factory.Action(
        "list", "Lists the backups, oldest first.", ["backup list /var/backups/mailserver"], [s_directory, factory.Json], (context, _) =>
        {
            var listing = new Listing("name");
            foreach (var name in new BackupFolder(context.Get(s_directory)).List()) listing.Add(name);
            return Task.FromResult(context.Print(listing));
        });

    private static async Task<int> RestoreAllAsync(CommandContext context, string backup, CancellationToken cancel)
    {
        var restore = new BackupRestore(backup, PlacesOf(context.Options, null));
        if (restore.FindObstacle() is { } obstacle)
            throw new CommandFailure($"{obstacle} is not empty; restore writes over nothing: move it away, or name another {(context.Options.Cluster.Enabled ? "storage.data_dir or cluster.database" : "storage.data_dir")} in the configuration");
        await RestoreSharedAsync(context, restore, backup, cancel);
        var left = await ProgressBar.RunAsync(context, report => Task.Run(() => restore.RestoreAll(Told(report), cancel), cancel));
        context.Say($"restored {Path.GetFileName(backup)}; mail that was queued then is sent again when the server starts (see 'mailserver queue list')");
        foreach (var file in left) context.Say($"not put back, in case yours is newer: {file}");
        return ExitCodes.Done;
    }

    /// <summary>Accounts and queue of a cluster go back into its database, and never silently nowhere.</summary>
    private static async Task RestoreSharedAsync(CommandContext context, BackupRestore restore, string backup, CancellationToken cancel)
    {
        var isCluster = context.Options.Cluster.Enabled;
        if (restore.IsOfCluster && !isCluster)
            throw new CommandFailure($"{Path.GetFileName(backup)} is of a cluster: its accounts and its queue go back into a PostgreSQL database; set cluster.enabled and cluster.database (an empty one)");
        if (!restore.IsOfCluster && isCluster)
            throw new CommandFailure($"{Path.GetFileName(backup)} is of a single server: set cluster.enabled to false, restore it, then move it with 'mailserver cluster migrate'");
        if (!isCluster) return;
        await using (var database = SharedParts.Connect(context.Options))
        {
            database.Prepare(create: true);
            await QueueJournal.PrepareSharedAsync(database.ConnectionString, database.HasJournal, cancel);
        }

        await ProgressBar.RunAsync(context, _ => Task.Run(
            () =>
            {
                restore.RestoreShared();
                return true;
            },
            cancel));
    }

    private static async Task<int> RestoreAccountAsync(CommandContext context, string backup, string account, CancellationToken cancel)
    {
        var address = CommandContext.Address(account);
        using var users = context.OpenDirectory();
        var now = (await users.Administration.ListAccountsAsync(null, cancel)).FirstOrDefault(a => a.Address.Equals(address))
            ?? throw new CommandFailure($"there is no account {address}; make it with 'mailserver user add {address}'");
        if (new BackupRestore(backup, PlacesOf(context.Options, null)).IsOfCluster)
            throw new CommandFailure($"{Path.GetFileName(backup)} is of a cluster, from which no single account can be restored: restore it whole, into an empty data_dir and database, and move the mail from there with 'mailserver export' and 'import'");
        using var then = Storage.Directory.DirectoryStore.Open(Path.Combine(backup, "mail.db"), create: false, context.Shell.Time);
        var before = (await then.Administration.ListAccountsAsync(null, cancel)).FirstOrDefault(a => a.Address.Equals(address))
            ?? throw new CommandFailure($"the backup {Path.GetFileName(backup)} has no account {address}");
        var restore = new BackupRestore(backup, PlacesOf(context.Options, null));
        await ProgressBar.RunAsync(context, report => Task.Run(
            () =>
            {
                restore.RestoreAccount(before.Id, now.Id, Told(report), cancel);
                return true;
            },
            cancel));
        context.Say($"restored {address} from {Path.GetFileName(backup)}");
        return ExitCodes.Done;
    }

    private static Task RefuseRunningAsync(CommandContext context, CancellationToken cancel)
    {
        cancel.ThrowIfCancellationRequested();
        return AdminClient.IsRunning(context.Options.Storage.AdminSocketPath)
            ? throw new CommandFailure("the server is running: stop it first, a restore must be alone with the data")
            : Task.CompletedTask;
    }

    private static Synchronous Told(ProgressBar.Report report) => new Synchronous(report);

    private static string Size(long octets) => octets switch
    {
        >= 1L << 30 => (octets / (double)(1L << 30)).ToString("0.0", CultureInfo.InvariantCulture) + " GiB",
        >= 1L << 20 => (octets / (double)(1L << 20)).ToString("0.0", CultureInfo.InvariantCulture) + " MiB",
        _ => (octets / 1024d).ToString("0.0", CultureInfo.InvariantCulture) + " KiB",
    };

    /// <summary>Told in order, unlike with <see cref="Progress{T}"/>.</summary>
    private sealed class Synchronous(ProgressBar.Report report) : IProgress<BackupProgress>
    {
        public void Report(BackupProgress value) => report(value.What, value.Done, value.Total);
    }
}
