using System.Text;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>A small text file of <c>key value</c> lines that is replaced atomically: readers see either the old or the new file, even after a power cut.</summary>
internal static class StateFile
{
    /// <summary>Reads the lines; null if the file does not exist.</summary>
    /// <exception cref="NotRegularFileException">It is a link, a FIFO or similar.</exception>
    public static string[]? ReadLines(string path) => FileStat.Find(path) is null ? null : SafeFileReader.ReadLines(path);

    public static void Replace(string path, IEnumerable<string> lines, bool sync)
    {
        var next = path + ".next";
        using (var handle = PrivateFile.Replace(next))
        {
            RandomAccess.Write(handle, Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), 0);
            if (sync) RandomAccess.FlushToDisk(handle);
        }

        Posix.TryRename(next, path);
        if (sync) Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
