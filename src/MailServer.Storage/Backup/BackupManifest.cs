using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>One file of a backup.</summary>
/// <param name="Hash">SHA-256 of the octets, in hexadecimal.</param>
/// <param name="Size">Octets.</param>
/// <param name="Path">Relative to the backup, with <c>/</c>.</param>
public readonly record struct BackupEntry(string Hash, long Size, string Path);

/// <summary>
/// The list of a backup's files, one a line: hash, size, path. Written while files are copied; its last line counts them, so that a list
/// that was cut off is known for one.
/// </summary>
internal static class BackupManifest
{
    public const string FileName = "MANIFEST";

    private const string End = "end";

    public static IEnumerable<BackupEntry> Read(string backup)
    {
        var count = 0L;
        var ended = false;
        using var lines = new StreamReader(ForeignFile.Stream(ForeignFile.OpenBeneath(backup, FileName)));
        while (lines.ReadLine() is { } line)
        {
            var parts = line.Split(' ', 3);
            if (parts is [End, var total])
            {
                ended = total == count.ToString(CultureInfo.InvariantCulture);
                break;
            }

            if (parts.Length != 3 || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size) || !IsInside(parts[2]))
                throw new InvalidDataException($"{FileName}: line {count + 1} is damaged");
            count++;
            yield return new BackupEntry(parts[0], size, parts[2]);
        }

        if (!ended) throw new InvalidDataException($"{FileName} is incomplete: it ends after {count} files");
    }

    /// <summary>A damaged or forged list must not lead a restore elsewhere.</summary>
    private static bool IsInside(string path) => path.Length > 0 && path[0] != '/' && !path.Split('/').Any(static part => part is "" or "." or "..");

    public sealed class Writer(string backup) : IDisposable
    {
        private readonly StreamWriter _output = new(OwnFile.ReplaceStream(Path.Combine(backup, FileName)));
        private long _count;

        public void Add(BackupEntry entry)
        {
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{entry.Hash} {entry.Size} {entry.Path}\n"));
            _count++;
        }

        /// <summary>Only a list that ends with its count is whole.</summary>
        public void Complete()
        {
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{End} {_count}\n"));
            _output.Flush();
            ((FileStream)_output.BaseStream).Flush(flushToDisk: true);
        }

        public void Dispose() => _output.Dispose();
    }
}
