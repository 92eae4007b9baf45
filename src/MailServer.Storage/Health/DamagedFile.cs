using System.Globalization;
using MailServer.Storage.Maildir;

namespace MailServer.Storage.Health;

/// <summary>A damaged database file is renamed, never deleted: it may hold what no copy has.</summary>
public static class DamagedFile
{
    public const string Infix = ".damaged-";

    /// <summary>Renames a database and its write-ahead log; answers the new path, or null when neither exists.</summary>
    /// <exception cref="IOException">The file cannot be renamed.</exception>
    public static string? SetAside(string path, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(time);
        var now = time.GetUtcNow();
        string aside;
        do
        {
            aside = string.Create(CultureInfo.InvariantCulture, $"{path}{Infix}{now:yyyyMMdd'T'HHmmss'Z'}");
            now = now.AddSeconds(1);
        }
        while (File.Exists(aside));
        var found = Posix.TryRename(path, aside);
        // SQLite finds the log of a renamed file only under the renamed name.
        found |= Posix.TryRename(path + "-wal", aside + "-wal");
        Posix.TryUnlink(path + "-shm");
        return found ? aside : null;
    }

    /// <summary>Whether a file name is that of a damaged file that was set aside.</summary>
    public static bool IsSetAside(string name) => name.Contains(Infix, StringComparison.Ordinal);
}
