using System.Security.Cryptography;
using MailServer.Domain.Backup;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>Reads a backup again: is every file there, with the octets that were written, and nothing else?</summary>
public static class BackupVerifier
{
    /// <summary>What is wrong; nothing when all is well.</summary>
    /// <param name="backup">The folder of one backup.</param>
    /// <param name="progress">Told after each file.</param>
    /// <param name="cancel">Ends it.</param>
    public static IReadOnlyList<string> Verify(string backup, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var problems = new List<string>();
        var listed = new HashSet<string>(StringComparer.Ordinal) { BackupManifest.FileName };
        try
        {
            var entries = BackupManifest.Read(backup).ToArray();
            var at = new BackupProgress("reading", 0, entries.Length, 0);
            foreach (var entry in entries)
            {
                cancel.ThrowIfCancellationRequested();
                listed.Add(entry.Path);
                if (FindDamage(backup, entry) is { } problem) problems.Add($"{entry.Path}: {problem}");
                progress?.Report(at = at with { Done = at.Done + 1, Bytes = at.Bytes + entry.Size });
            }
        }
        catch (Exception e) when (e is InvalidDataException or FileNotFoundException)
        {
            problems.Add(e.Message);
            return problems;
        }

        foreach (var file in System.IO.Directory.EnumerateFiles(backup, "*", SearchOption.AllDirectories))
            if (!listed.Contains(Path.GetRelativePath(backup, file))) problems.Add($"{Path.GetRelativePath(backup, file)}: does not belong to the backup");
        return problems;
    }

    private static string? FindDamage(string backup, BackupEntry entry)
    {
        var file = Path.Combine(backup, entry.Path);
        try
        {
            using var stream = ForeignFile.Stream(ForeignFile.OpenBeneath(backup, entry.Path));
            if (stream.Length != entry.Size) return $"has {stream.Length} octets instead of {entry.Size}";
            if (Convert.ToHexStringLower(SHA256.HashData(stream)) != entry.Hash) return "its octets have changed";
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return "is missing";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }

        return entry.Path.EndsWith(".db", StringComparison.Ordinal) ? SqliteDatabase.FindDamage(file) : null;
    }
}
