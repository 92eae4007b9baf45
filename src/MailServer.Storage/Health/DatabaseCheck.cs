using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Health;

/// <summary>Examines database files that others may have open, and puts snapshots in the place of damaged ones.</summary>
public static class DatabaseCheck
{
    /// <summary>What is wrong with a database; null when it is sound, or missing and not needed.</summary>
    public static string? FindDamage(string path, bool isNeeded)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return isNeeded && File.Exists(Snapshot.PathOf(path)) ? "the file is gone" : null;
        return file.Length == 0 ? "the file is empty" : SqliteDatabase.FindDamage(path);
    }

    /// <summary>Sets a damaged database aside and copies its snapshot into its place; answers what was done. A running server opens it within seconds.</summary>
    public static string RestoreSnapshot(string path, TimeProvider time)
    {
        var snapshot = Snapshot.PathOf(path);
        if (!File.Exists(snapshot)) return $"{path}: there is no snapshot; restore the file from a backup";
        if (SqliteDatabase.FindDamage(snapshot) is { } damage) return $"{snapshot} is damaged too ({damage}); restore {path} from a backup";
        var taken = FormattableString.Invariant($"{Snapshot.TakenAt(path):yyyy-MM-dd HH:mm} UTC");
        var next = path + ".next";
        Posix.TryUnlink(next);
        using (var source = ForeignFile.Open(snapshot)) OwnFile.Copy(source, next, sync: true);
        Posix.GiveToOwnerOf(next, Path.GetDirectoryName(Path.GetFullPath(path))!);
        var aside = DamagedFile.SetAside(path, time);
        Posix.TryRename(next, path);
        Posix.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return $"{path}: the snapshot of {taken} is in its place; later changes of domains, users, aliases and passwords are missing"
            + (aside is null ? "" : $"; the damaged file is {aside}");
    }
}
