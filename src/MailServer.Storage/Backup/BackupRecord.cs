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
            var path = Path.Combine(folder, FileName);
            if (!File.Exists(path) || new FileInfo(path).Length > Longest) return null;
            return SafeFileReader.ReadLines(path) is [var at, var directory, ..]
                && DateTimeOffset.TryParse(at, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
                ? new BackupRecord(time, directory)
                : null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    internal void Write(string folder)
    {
        var path = Path.Combine(folder, FileName);
        using (var file = PrivateFile.ReplaceStream(path + ".part")) file.Write(Encoding.UTF8.GetBytes($"{UtcText.Of(At)}\n{Directory}\n"));
        File.Move(path + ".part", path, overwrite: true);
    }
}
