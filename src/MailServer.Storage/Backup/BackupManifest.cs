using System.Globalization;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>One file of a backup.</summary>
/// <param name="Hash">SHA-256 of the octets, in hexadecimal.</param>
/// <param name="Size">Octets.</param>
/// <param name="Path">Relative to the backup, with <c>/</c>.</param>
public readonly record struct BackupEntry(string Hash, long Size, string Path);

/// <summary>
/// The list of a backup's files. Its first line counts backups: the newest has the highest number, whatever the clock said. Then one file a line: hash,
/// size, path (line ends and backslashes in it escaped). The last line counts the files, so that a list that was cut off is known for one. Lists of
/// older versions have no first line and no escapes.
/// </summary>
internal static class BackupManifest
{
    public const string FileName = "MANIFEST";

    private const string Counter = "counter";
    private const string End = "end";

    /// <summary>The number of a backup; 0 for one of an older version, null when the list cannot be read.</summary>
    public static long? CounterOf(string backup)
    {
        try
        {
            using var lines = Open(backup);
            var first = lines.ReadLine() ?? "";
            return CounterIn(first) ?? (first.Split(' ', 3).Length == 3 ? 0 : null);
        }
        catch (Exception e) when (IsUnreadable(e))
        {
            return null;
        }
    }

    /// <summary>The files of a backup, each once.</summary>
    /// <param name="backup">Its folder.</param>
    /// <param name="damaged">Told of each line that cannot be used, which is left out then; null: the first one is an error.</param>
    /// <exception cref="InvalidDataException">The list is damaged.</exception>
    public static IEnumerable<BackupEntry> Read(string backup, Action<string>? damaged = null)
    {
        var say = damaged ?? (static problem => throw new InvalidDataException(problem));
        var (number, count, ended, hasEscapes) = (0L, 0L, false, false);
        var paths = new HashSet<string>(StringComparer.Ordinal);
        using var lines = Open(backup);
        while (lines.ReadLine() is { } line)
        {
            number++;
            var parts = line.Split(' ', 3);
            if (number == 1 && CounterIn(line) is not null)
            {
                hasEscapes = true;
                continue;
            }

            if (parts is [End, var total])
            {
                ended = total == count.ToString(CultureInfo.InvariantCulture);
                break;
            }

            count++;
            var path = parts.Length == 3 ? hasEscapes ? Unescape(parts[2]) : parts[2] : "";
            if (!IsInside(path) || !long.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var size)) say($"{FileName}: line {number} is damaged");
            else if (!paths.Add(path)) say($"{FileName}: line {number} lists {path} twice");
            else yield return new BackupEntry(parts[0], size, path);
        }

        if (!ended) say($"{FileName} is incomplete: it ends after {count} files");
    }

    /// <summary>Whether an error means that there is no list to read.</summary>
    public static bool IsUnreadable(Exception e) => e is InvalidDataException or IOException or UnauthorizedAccessException;

    private static StreamReader Open(string backup) => new(ForeignFile.Stream(ForeignFile.OpenBeneath(backup, FileName)));

    private static long? CounterIn(string line) =>
        line.Split(' ') is [Counter, var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var counter) ? counter : null;

    /// <summary>A damaged or forged list must not lead a restore elsewhere.</summary>
    private static bool IsInside(string path) => path.Length > 0 && path[0] != '/' && !path.Split('/').Any(static part => part is "" or "." or "..");

    private static string Escape(string path) =>
        path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal).Replace("\r", "\\r", StringComparison.Ordinal);

    private static string Unescape(string path)
    {
        if (!path.Contains('\\', StringComparison.Ordinal)) return path;
        var text = new System.Text.StringBuilder(path.Length);
        for (var i = 0; i < path.Length; i++)
        {
            var isEscaped = path[i] == '\\' && i + 1 < path.Length;
            text.Append(!isEscaped ? path[i] : path[++i] switch { 'n' => '\n', 'r' => '\r', var other => other });
        }

        return text.ToString();
    }

    public sealed class Writer : IDisposable
    {
        private readonly StreamWriter _output;
        private readonly HashSet<string> _paths = new(StringComparer.Ordinal) { FileName };
        private long _count;

        public Writer(string backup, long counter)
        {
            _output = new StreamWriter(OwnFile.ReplaceStream(Path.Combine(backup, FileName)));
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{Counter} {counter}\n"));
        }

        public bool Has(string path) => _paths.Contains(path);

        /// <exception cref="InvalidOperationException">The path is in the list already.</exception>
        public void Add(BackupEntry entry)
        {
            if (!_paths.Add(entry.Path)) throw new InvalidOperationException($"{entry.Path} is in the backup already");
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{entry.Hash} {entry.Size} {Escape(entry.Path)}\n"));
            _count++;
        }

        /// <summary>Only a list that ends with its count is whole.</summary>
        public void Complete()
        {
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{End} {_count}\n"));
            _output.Flush();
            ((FileStream)_output.BaseStream).Flush(flushToDisk: true);
        }

        public void Dispose()
        {
            try
            {
                _output.Dispose();
            }
            catch (IOException)
            {
                // The disk is full, which whoever wrote to it has been told.
            }
        }
    }
}
