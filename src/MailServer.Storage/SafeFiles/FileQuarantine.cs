using System.Globalization;

namespace MailServer.Storage.SafeFiles;

/// <summary>Renames an unusable file within its directory. Nothing is ever deleted.</summary>
internal static class FileQuarantine
{
    /// <summary>Renames <paramref name="path"/>, of any file type, together with its companions (<c>-wal</c>, <c>-shm</c>); returns the new name.</summary>
    public static string Move(string path, string why, DateTimeOffset now, params string[] companions)
    {
        var aside = NameFor(path, why, now);
        foreach (var companion in companions) Posix.TryRename(path + companion, aside + companion);
        Posix.TryRename(path, aside);
        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
        return aside;
    }

    private static string NameFor(string path, string why, DateTimeOffset now)
    {
        var stamp = now.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);
        var name = $"{path}.{why}-{stamp}";
        for (var n = 2; Path.Exists(name); n++) name = string.Create(CultureInfo.InvariantCulture, $"{path}.{why}-{stamp}-{n}");
        return name;
    }
}
