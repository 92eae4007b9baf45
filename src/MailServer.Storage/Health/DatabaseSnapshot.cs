using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Health;

/// <summary>
/// The last good copy of a database, stored beside it (<c>mail.db.snapshot</c>) and replaced atomically. <c>mailserver
/// check --repair</c> uses it if the database is damaged. It does not replace a backup, because it is on the same disk.
/// </summary>
public static class DatabaseSnapshot
{
    private const string Suffix = ".snapshot";

    public static string PathOf(string database) => database + Suffix;

    /// <summary>Returns the time of the snapshot of a database; null if there is none.</summary>
    public static DateTimeOffset? TakenAt(string database) =>
        new FileInfo(PathOf(database)) is { Exists: true } file ? new DateTimeOffset(file.LastWriteTimeUtc) : null;

    /// <summary>Takes a snapshot of a database that may be in use.</summary>
    /// <exception cref="SqliteNativeException">The database is damaged or the disk is full; the old snapshot is kept.</exception>
    public static void Take(string path)
    {
        using var database = SqliteDatabase.OpenReadOnly(path);
        database.Execute("PRAGMA busy_timeout = 30000");
        Take(database, path);
    }

    internal static void Take(SqliteDatabase database, string path)
    {
        var next = PathOf(path) + ".next";
        Posix.TryUnlink(next);
        try
        {
            if (database.FindDamage() is { } damage) throw new DamagedStoreException($"{path}: {damage}");
            PrivateFile.Create(next).Dispose();
            database.CopyTo(next);
            PrivateFile.Flush(next);
            Posix.TryRename(next, PathOf(path));
            Posix.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        finally
        {
            Posix.TryUnlink(next);
        }
    }
}
