using System.CommandLine;
using MailServer.Common;
using MailServer.Hosting;
using MailServer.Storage.Access;
using MailServer.Storage.Backup;

namespace MailServer.Commands;

/// <summary><c>migrate</c>: makes folders and database, or brings them up to date.</summary>
internal static class MigrateCommand
{
    public static Command Create(CommandFactory factory) => factory.Action(
        "migrate", "Makes the data folders and the database, or brings them up to date. Safe to repeat.",
        ["migrate --config /etc/mailserver/config.yaml"], [], (context, _) => Task.FromResult(Run(context)));

    public static int Run(CommandContext context)
    {
        var storage = context.Options.Storage;
        BackupRestore.RefuseIncomplete(storage.DataDir);
        var changed = MakeFolder(context, storage.DataDir) | MakeFolder(context, storage.NodeDir) | MakeFolder(context, storage.MaildirPath) | MakeFolder(context, storage.SpoolPath);
        var isNew = !context.Options.Cluster.Enabled && !File.Exists(storage.DatabasePath);
        using var store = SharedParts.OpenDirectory(context.Options, create: true, context.Shell.Time, null);
        // Made by whoever makes the rest, so that the server's own user can write to it.
        using var access = AccessStore.Open(storage.AccessPath);
        var name = context.Options.Cluster.Enabled ? "the tables of the shared database" : storage.DatabasePath;
        if (isNew) context.Say($"made {name}");
        else if (store.MigrationsApplied > 0) context.Say($"brought {name} up to date");
        else if (!changed) context.Say("everything is up to date");
        return ExitCodes.Done;
    }

    private static bool MakeFolder(CommandContext context, string path)
    {
        if (Directory.Exists(path)) return false;
        // Mail and password hashes: for the server's own user alone.
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(path);
        else Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        context.Say($"made {path}");
        return true;
    }
}
