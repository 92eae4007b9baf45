using System.CommandLine;
using MailServer.Common;
using MailServer.Hosting;
using MailServer.Storage.Postgres;

namespace MailServer.Commands;

/// <summary><c>cluster migrate</c>: moves the SQLite data of a single server into the shared PostgreSQL database.</summary>
internal static class ClusterMigrateCommand
{
    private static readonly Option<bool> DryRun = new("--dry-run") { Description = "Show what would be moved; change nothing." };

    public static Command Create(CommandFactory factory) => factory.Action(
        "migrate",
        "Move a single server to the shared database (cluster.database): users, aliases, passwords, bans and the queue. The server must be stopped and the database empty. "
        + "The SQLite files are left unchanged; mail stays in storage.data_dir.",
        ["cluster migrate --dry-run", "cluster migrate"], [DryRun, factory.Json], RunAsync);

    private static async Task<int> RunAsync(CommandContext context, CancellationToken cancel)
    {
        RefuseRunning(context);
        var storage = context.Options.Storage;
        await using var database = SharedStores.Connect(context.Options);
        var migration = new ClusterMigration(storage.DatabasePath, Path.Combine(storage.DataDir, "access.db"), storage.JournalPath, database);
        var tables = migration.Count();
        if (migration.FindObstacle() is { } obstacle)
            throw new CommandFailure($"the table '{obstacle}' of {database.Name} is not empty, and migrate never overwrites data: set cluster.database to an empty database");
        if (!context.Get(DryRun)) await MoveAsync(context, migration, database, cancel);
        var listing = new Listing("table", "rows");
        foreach (var table in tables) listing.Add(table.Name, table.Rows);
        context.Print(listing);
        if (context.WantsJson) return ExitCodes.Success;
        context.WriteLine(context.Get(DryRun)
            ? $"these rows would be moved to {database.Name}; nothing was changed"
            : $"moved to {database.Name} and verified all row counts; {(context.Options.Cluster.Enabled ? "" : "set cluster.enabled, then ")}start the server");
        return ExitCodes.Success;
    }

    private static async Task MoveAsync(CommandContext context, ClusterMigration migration, PostgresDatabase database, CancellationToken cancel)
    {
        database.Migrate(create: true);
        await ProgressBar.RunAsync(context, report => Task.Run(
            () =>
            {
                migration.Run(new SynchronousProgress(report), cancel);
                return true;
            },
            cancel));
    }

    private static void RefuseRunning(CommandContext context)
    {
        var storage = context.Options.Storage;
        if (AdminClient.IsRunning(storage.AdminSocketPath) || AdminClient.IsRunning(Path.Combine(storage.DataDir, "admin.sock")))
            throw new CommandFailure("the server is running: stop it first, or mail accepted meanwhile is not moved");
    }
}
