using MailServer.Domain.Backup;
using MailServer.Storage.SafeFiles;
using MailServer.Storage.Sqlite;

namespace MailServer.Storage.Backup;

/// <summary>Verifies a backup without modifying it: every file exists with the original content, and there are no others.</summary>
public static class BackupVerifier
{
    /// <summary>Returns the problems found; empty if there are none.</summary>
    /// <param name="backup">The folder of the backup.</param>
    /// <param name="progress">Receives the progress after each file.</param>
    /// <param name="cancel">Cancels the verification.</param>
    public static IReadOnlyList<string> Verify(string backup, IProgress<BackupProgress>? progress, CancellationToken cancel)
    {
        var problems = new List<string>();
        var listed = new HashSet<string>(StringComparer.Ordinal) { BackupManifest.FileName };
        try
        {
            var entries = BackupManifest.Read(backup, problems.Add).ToArray();
            var at = new BackupProgress("reading", 0, entries.Length, 0);
            using var reader = new HashingCopier();
            foreach (var entry in entries)
            {
                cancel.ThrowIfCancellationRequested();
                listed.Add(entry.Path);
                if (FindDamage(backup, entry, reader) is { } problem) problems.Add($"{entry.Path}: {problem}");
                progress?.Report(at = at with { Done = at.Done + 1, Bytes = at.Bytes + entry.Size });
            }
        }
        catch (Exception e) when (BackupManifest.IsUnreadable(e))
        {
            problems.Add(e.Message);
            return problems;
        }

        FindStrays(backup, "", listed, problems);
        return problems;
    }

    private static string? FindDamage(string backup, BackupEntry entry, HashingCopier reader)
    {
        if (reader.FindDamage(backup, entry) is { } damage) return damage;
        if (!entry.Path.EndsWith(".db", StringComparison.Ordinal)) return null;
        try
        {
            return SqliteDatabase.FindDamage(Path.Combine(backup, entry.Path), isUnchanging: true);
        }
        catch (SqliteNativeException failure)
        {
            return $"cannot be checked ({failure.Message})";
        }
    }

    private static void FindStrays(string directory, string prefix, HashSet<string> listed, List<string> problems)
    {
        foreach (var entry in System.IO.Directory.EnumerateFileSystemEntries(directory))
        {
            var path = prefix + Path.GetFileName(entry);
            if (SafeFileReader.IsDirectory(entry)) FindStrays(entry, path + "/", listed, problems);
            else if (!listed.Contains(path)) problems.Add($"{path}: does not belong to the backup");
        }
    }
}
