using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Health;

/// <summary>Sets damaged database files aside. They are renamed and never deleted, because they may contain data that no copy has.</summary>
public static class DamagedFile
{
    public const string Infix = ".damaged-";

    /// <summary>Renames a database, or what is in its place, together with its write-ahead log, which SQLite finds only by name; returns the new path, or null if neither exists.</summary>
    /// <exception cref="IOException">The file cannot be renamed.</exception>
    public static string? SetAside(string path, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        return Path.Exists(path) || File.Exists(path + "-wal") ? FileQuarantine.Move(path, "damaged", time.GetUtcNow(), "-wal", "-shm") : null;
    }

    /// <summary>True for the name of a damaged file that was set aside.</summary>
    public static bool IsSetAside(string name) => name.Contains(Infix, StringComparison.Ordinal);
}
