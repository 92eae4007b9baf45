using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Health;

/// <summary>Checks database files, which may be in use, and replaces damaged ones by their snapshots.</summary>
public static class DatabaseCheck
{
    /// <summary>Checks a database; returns null if it is intact, or missing and not required. A file that cannot be read now is not damaged.</summary>
    public static StoreFailure? Find(string path, bool isNeeded)
    {
        var file = new FileInfo(path);
        if (!file.Exists) return isNeeded && File.Exists(DatabaseSnapshot.PathOf(path)) ? new StoreFailure("the file is missing", SqliteFaultKind.Damage) : null;
        if (file.Length == 0) return new StoreFailure("the file is empty", SqliteFaultKind.Damage);
        try
        {
            return SqliteDatabase.FindDamage(path) is { } damage ? new StoreFailure(damage, SqliteFaultKind.Damage) : null;
        }
        catch (SqliteNativeException failure)
        {
            return StoreFailure.Classify(failure)!.Value.At(path);
        }
    }

    /// <summary>Sets a damaged database aside and replaces it by its snapshot; returns a report. A running server opens the new file within seconds.</summary>
    public static string RestoreSnapshot(string path, TimeProvider time)
    {
        var snapshot = DatabaseSnapshot.PathOf(path);
        if (!File.Exists(snapshot)) return $"{path}: there is no snapshot; restore the file from a backup";
        if (Find(snapshot, isNeeded: false) is { } failure)
        {
            return failure.IsDamage
                ? $"{snapshot} is damaged too ({failure.Reason}); restore {path} from a backup"
                : $"{snapshot} cannot be read ({failure.Reason}): {failure.Remedy}";
        }

        var taken = FormattableString.Invariant($"{DatabaseSnapshot.TakenAt(path):yyyy-MM-dd HH:mm} UTC");
        var next = path + ".next";
        Posix.TryUnlink(next);
        using (var source = SafeFileReader.Open(snapshot)) PrivateFile.Copy(source, next, sync: true);
        Posix.GiveToOwnerOf(next, Path.GetDirectoryName(Path.GetFullPath(path))!);
        var aside = DamagedFile.SetAside(path, time);
        Posix.TryRename(next, path);
        Posix.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        return $"{path}: restored from the snapshot of {taken}; later changes of domains, users, aliases and passwords are missing"
            + (aside is null ? "" : $"; the damaged file is {aside}");
    }
}
