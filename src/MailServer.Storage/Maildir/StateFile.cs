using System.Text;

namespace MailServer.Storage.Maildir;

/// <summary>A small text file of <c>key value</c> lines that is replaced as a whole: a reader sees the old one or the new one, also after a power cut.</summary>
internal static class StateFile
{
    /// <summary>Null when there is none.</summary>
    public static string[]? ReadLines(string path) => File.Exists(path) ? File.ReadAllLines(path) : null;

    public static void Replace(string path, IEnumerable<string> lines, bool sync)
    {
        var next = path + ".next";
        using (var handle = File.OpenHandle(next, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), 0);
            if (sync) RandomAccess.FlushToDisk(handle);
        }

        Posix.TryRename(next, path);
        if (sync) Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
