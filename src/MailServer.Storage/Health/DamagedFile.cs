using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Health;

/// <summary>A damaged database file is renamed, never deleted: it may hold what no copy has.</summary>
public static class DamagedFile
{
    public const string Infix = ".damaged-";

    /// <summary>Renames a database with its write-ahead log, which SQLite finds only under the same name; answers the new path, or null when neither exists.</summary>
    /// <exception cref="IOException">The file cannot be renamed.</exception>
    public static string? SetAside(string path, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return File.Exists(path) || File.Exists(path + "-wal") ? AsideFile.Move(path, "damaged", time.GetUtcNow(), "-wal", "-shm") : null;
    }

    /// <summary>Whether a file name is that of a damaged file that was set aside.</summary>
    public static bool IsSetAside(string name) => name.Contains(Infix, StringComparison.Ordinal);
}
