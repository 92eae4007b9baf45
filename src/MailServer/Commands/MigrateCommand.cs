using System.CommandLine;
using MailServer.Common;
using MailServer.Hosting;
using MailServer.Storage.Access;
using MailServer.Storage.Backup;

namespace MailServer.Commands;

/// <summary><c>migrate</c>: creates or updates the data folders and the database.</summary>
internal static class MigrateCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "migrate", "Create or update the data folders and the database. Safe to repeat.",
        ["migrate --config /etc/mailserver/config.yaml"], [], (context, _) => Task.FromResult(Run(context)));

    public static int Run(CommandContext context)
    {
        var storage = context.Options.Storage;
        BackupRestorer.RefuseIncomplete(storage.DataDir);
        var changed = MakeFolder(context, storage.DataDir) | MakeFolder(context, storage.NodeDir) | MakeFolder(context, storage.MaildirPath) | MakeFolder(context, storage.SpoolPath);
        var isNew = !context.Options.Cluster.Enabled && !File.Exists(storage.DatabasePath);
        using var store = SharedStores.OpenDirectory(context.Options, create: true, context.Shell.Time, null);
        // Created together with the rest, so that it has the same owner and the server can write to it.
        using var access = AccessStore.Open(storage.AccessPath);
        var name = context.Options.Cluster.Enabled ? "the tables of the shared database" : storage.DatabasePath;
        if (isNew) context.WriteLine($"created {name}");
        else if (store.MigrationsApplied > 0) context.WriteLine($"updated {name}");
        else if (!changed) context.WriteLine("everything is up to date");
        return ExitCodes.Success;
    }

    private static bool MakeFolder(CommandContext context, string path)
    {
        if (!DataFolder.Create(path)) return false;
        context.WriteLine($"created {path}");
        return true;
    }
}
