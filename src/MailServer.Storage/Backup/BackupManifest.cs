using System.Globalization;
using MailServer.Domain.Formatting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>An entry of the manifest: one file of the backup.</summary>
/// <param name="Hash">SHA-256 of the content, in hexadecimal.</param>
/// <param name="Size">Size in octets.</param>
/// <param name="Path">Path relative to the backup, with <c>/</c>.</param>
public readonly record struct BackupEntry(string Hash, long Size, string Path);

/// <summary>
/// The manifest of a backup. The first line contains the backup counter, which increases with every backup independently of the
/// clock. Then follows one line per file: hash, size and path, with line ends and backslashes escaped. The last line contains
/// the number of files, so that truncation is detected. Manifests of older versions have no first line and no escapes.
/// </summary>
internal static class BackupManifest
{
    public const string FileName = "MANIFEST";

    private const string Counter = "counter";
    private const string End = "end";

    /// <summary>Reads the counter of a backup; 0 for one of an older version, null if the manifest is unreadable.</summary>
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

    /// <summary>Reads the entries of a manifest, without duplicates.</summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="damaged">Called for each invalid line, which is skipped; if null, the first invalid line throws.</param>
    /// <exception cref="InvalidDataException">The manifest is damaged.</exception>
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

        if (!ended) say($"{FileName} is incomplete: it ends after {Quantity.Of(count, "file")}");
    }

    /// <summary>True if an exception means that the manifest cannot be read.</summary>
    public static bool IsUnreadable(Exception e) => e is InvalidDataException or IOException or UnauthorizedAccessException;

    private static StreamReader Open(string backup) => new(SafeFileReader.Stream(SafeFileReader.OpenBeneath(backup, FileName)));

    private static long? CounterIn(string line) =>
        line.Split(' ') is [Counter, var number] && long.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var counter) ? counter : null;

    /// <summary>Rejects paths that lead outside the backup, in case the manifest is damaged or forged.</summary>
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
            _output = new StreamWriter(PrivateFile.ReplaceStream(Path.Combine(backup, FileName)));
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{Counter} {counter}\n"));
        }

        public bool Has(string path) => _paths.Contains(path);

        /// <exception cref="InvalidOperationException">The path is already listed.</exception>
        public void Add(BackupEntry entry)
        {
            if (!_paths.Add(entry.Path)) throw new InvalidOperationException($"{entry.Path} is already in the backup");
            _output.Write(string.Create(CultureInfo.InvariantCulture, $"{entry.Hash} {entry.Size} {Escape(entry.Path)}\n"));
            _count++;
        }

        /// <summary>Writes the final line, without which a manifest is incomplete.</summary>
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
                // The disk is full, which has already been reported to the caller that wrote.
            }
        }
    }
}
