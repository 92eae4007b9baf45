using System.Globalization;
using System.Text;
using MailServer.Domain.Formatting;
using MailServer.Storage.SafeFiles;

namespace MailServer.Storage.Backup;

/// <summary>When and where the last complete backup was made: a file of two lines in the node's data directory.</summary>
public sealed record BackupRecord(DateTimeOffset At, string Directory)
{
    public const string FileName = "last-backup";

    private const int Longest = 10_000;

    /// <summary>The record in a data directory; null if there is none or it cannot be read.</summary>
    public static BackupRecord? Read(string folder)
    {
        try
        {
            if (SafeFileReader.TryReadSmall(Path.Combine(folder, FileName), Longest) is not { } content) return null;
            return Encoding.UTF8.GetString(content).Split('\n') is [var at, var directory, ..]
                && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? new BackupRecord(time, directory)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>Writes the record. Returns the reason if that fails, which makes the backup no less complete: the disk of the data may be full.</summary>
    internal string? TryWrite(string folder)
    {
        try
        {
            PrivateFile.ReplaceAll(Path.Combine(folder, FileName), Encoding.UTF8.GetBytes($"{UtcText.Of(At)}\n{Directory}\n"));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return $"the time of this backup could not be recorded in {folder}: {e.Message}";
        }
    }
}
