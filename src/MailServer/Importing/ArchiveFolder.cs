using System.IO.Compression;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Importing;

/// <summary>
/// The files of an uploaded zip archive in a directory of its own, which disposal removes. Names that lead out of it are refused, and so are archives that unpack to more than is allowed.
/// </summary>
internal sealed class ArchiveFolder : IDisposable
{
    private const int Block = 128 * 1024;

    /// <summary>In octets, as most file systems have it.</summary>
    private const int LongestName = 255;

    /// <summary>In octets; together with the path of the directory less than the limit of the system (PATH_MAX).</summary>
    private const int LongestPath = 3_000;

    private ArchiveFolder(string path) => Path = path;

    public string Path { get; }

    /// <summary>Unpacks an archive.</summary>
    /// <param name="content">The archive.</param>
    /// <param name="path">An empty directory. It is removed if the archive is refused.</param>
    /// <param name="mostFiles">The most files that it may have.</param>
    /// <param name="mostOctets">The most octets that its files may have together.</param>
    /// <param name="cancel">Ends the unpacking.</param>
    /// <exception cref="InvalidDataException">It is not a zip archive, or not allowed.</exception>
    public static ArchiveFolder Unpack(byte[] content, string path, int mostFiles, long mostOctets, CancellationToken cancel)
    {
        var folder = new ArchiveFolder(path);
        try
        {
            using var archive = Open(content);
            if (archive.Entries.Count > mostFiles) throw new InvalidDataException($"the archive has more than {Quantity.Of(mostFiles, "file")}");
            var left = mostOctets;
            foreach (var entry in archive.Entries) left -= folder.Write(entry, left, cancel);
            return folder;
        }
        catch
        {
            folder.Dispose();
            throw;
        }
    }

    /// <summary>All files with their paths relative to the folder, sorted.</summary>
    public IEnumerable<string> Files() =>
        Directory.EnumerateFiles(Path, "*", SearchOption.AllDirectories).Select(f => System.IO.Path.GetRelativePath(Path, f)).Order(StringComparer.Ordinal);

    public void Dispose() => Directory.Delete(Path, recursive: true);

    private static ZipArchive Open(byte[] content)
    {
        try
        {
            return new ZipArchive(new MemoryStream(content, writable: false), ZipArchiveMode.Read, leaveOpen: false, new ZipNameEncoding());
        }
        catch (InvalidDataException e)
        {
            throw new InvalidDataException("the file is not a zip archive, or it is damaged", e);
        }
    }

    private long Write(ZipArchiveEntry entry, long left, CancellationToken cancel)
    {
        var parts = entry.FullName.Split('/');
        var isDirectory = parts[^1].Length == 0;
        var names = isDirectory ? parts[..^1] : parts;
        if (names.Length == 0 || names.Any(static p => p is "" or "." or ".." || Encoding.UTF8.GetByteCount(p) > LongestName || p.Contains('\\', StringComparison.Ordinal) || p.Any(char.IsControl)) || Encoding.UTF8.GetByteCount(entry.FullName) > LongestPath)
            throw new InvalidDataException($"the archive has a file with the name '{entry.FullName}', which is not allowed");
        var path = System.IO.Path.Combine([Path, .. names]);
        var directory = isDirectory ? path : System.IO.Path.GetDirectoryName(path)!;
        for (var above = directory; above.Length > Path.Length; above = System.IO.Path.GetDirectoryName(above)!)
            if (File.Exists(above)) throw new InvalidDataException($"the archive has a file and a folder with the name '{System.IO.Path.GetRelativePath(Path, above)}'");
        PrivateFile.CreateDirectory(directory);
        if (isDirectory) return 0;
        if (File.Exists(path) || Directory.Exists(path)) throw new InvalidDataException($"the archive has more than one file with the name '{entry.FullName}'");
        using var input = entry.Open();
        long written = 0;
        using (var output = PrivateFile.CreateStream(path))
        {
            // The size in the archive may be wrong.
            var block = new byte[Block];
            while (input.Read(block) is > 0 and var read)
            {
                cancel.ThrowIfCancellationRequested();
                written += read;
                if (written > left) throw new InvalidDataException($"the archive unpacks to more than is allowed; import it in parts");
                output.Write(block, 0, read);
            }
        }

        // In a Maildir it is the date of a message. The archives of this program have it in UTC.
        File.SetLastWriteTimeUtc(path, DateTime.SpecifyKind(entry.LastWriteTime.DateTime, DateTimeKind.Utc));
        return written;
    }
}
