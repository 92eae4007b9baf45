using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Health;

/// <summary>
/// The last good copy of a database, beside it (<c>mail.db.snapshot</c>), replaced as a whole: for <c>mailserver check --repair</c>, when the
/// database itself is damaged. It is no backup: it is on the same disk.
/// </summary>
public static class Snapshot
{
    private const string Suffix = ".snapshot";

    public static string PathOf(string database) => database + Suffix;

    /// <summary>When the snapshot of a database was taken; null when there is none.</summary>
    public static DateTimeOffset? TakenAt(string database) =>
        new FileInfo(PathOf(database)) is { Exists: true } file ? new DateTimeOffset(file.LastWriteTimeUtc) : null;

    /// <summary>Takes the snapshot of a database that others may have open.</summary>
    /// <exception cref="SqliteFailure">The database is damaged or the disk full: the old snapshot is still there.</exception>
    public static void Take(string path)
    {
        using var database = SqliteDatabase.OpenToRead(path);
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
            OwnFile.Create(next).Dispose();
            database.CopyTo(next);
            OwnFile.Flush(next);
            Posix.TryRename(next, PathOf(path));
            Posix.SyncDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
        }
        finally
        {
            Posix.TryUnlink(next);
        }
    }
}
