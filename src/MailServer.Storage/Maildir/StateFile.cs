using System.Security.Cryptography;
using System.Text;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Maildir;

/// <summary>A small text file of <c>key value</c> lines that is replaced atomically: readers see either the old or the new file, even after a power cut.</summary>
internal static class StateFile
{
    private const string Check = "check ";
    private const int ChecksumOctets = 8;

    /// <summary>Reads the lines; null if the file does not exist.</summary>
    /// <exception cref="NotRegularFileException">It is a link, a FIFO or similar.</exception>
    public static string[]? ReadLines(string path) => FileStat.Find(path) is null ? null : SafeFileReader.ReadLines(path);

    /// <summary>Reads the lines; none if the file exists and cannot be read, or is a link, a FIFO or similar; null if it does not exist.</summary>
    public static string[]? TryReadLines(string path)
    {
        try
        {
            return ReadLines(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }

    /// <summary>Writes a header and lines, with a checksum by which <see cref="Verify"/> recognises a truncated or changed file. Older versions ignore the checksum.</summary>
    public static void ReplaceChecked(string path, string header, IReadOnlyList<string> lines, bool sync) =>
        Replace(path, [header, Check + Checksum(header, lines), .. lines], sync);

    /// <summary>Returns header and lines without the checksum; none if the checksum is wrong. Files of older versions have none.</summary>
    public static string[] Verify(string[] lines)
    {
        if (lines is not [var header, var check, .. var rest] || !check.StartsWith(Check, StringComparison.Ordinal)) return lines;
        return check[Check.Length..] == Checksum(header, rest) ? [header, .. rest] : [];
    }

    public static void Replace(string path, IEnumerable<string> lines, bool sync)
    {
        var next = path + ".next";
        using (var handle = PrivateFile.Replace(next))
        {
            RandomAccess.Write(handle, Encoding.UTF8.GetBytes(string.Concat(lines.Select(l => l + "\n"))), 0);
            if (sync) RandomAccess.FlushToDisk(handle);
        }

        // A rename would fail on a directory, and lose a link.
        if (FileStat.Find(path) is { Kind: not FileKind.Regular }) FileQuarantine.Move(path, "damaged", TimeProvider.System.GetUtcNow());
        Posix.TryRename(next, path);
        if (sync) Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    private static string Checksum(string header, IEnumerable<string> lines) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', lines.Prepend(header)))).AsSpan(0, ChecksumOctets));
}
