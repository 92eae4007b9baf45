using MailServer.Domain.Formatting;
using MailServer.Domain.Health;
using MailServer.Domain.Timing;
using MailServer.Storage.Backup;

namespace MailServer.Diagnostics;

/// <summary>Checks the age of the last complete backup.</summary>
internal static class BackupCheck
{
    /// <summary>The subject, which is also that of the problem that a failed backup reports.</summary>
    private const string Subject = "backup";

    private const string Remedy = "run 'mailserver backup DIR' once a day, for example from a systemd timer";

    /// <param name="folder">The node's data directory.</param>
    /// <param name="oldest">The time since which this installation has data; null if it has none.</param>
    /// <param name="longest">The age after which a backup is overdue.</param>
    /// <param name="now">The time.</param>
    public static CheckResult Run(string folder, DateTimeOffset? oldest, TimeSpan longest, DateTimeOffset now)
    {
        if (BackupRecord.Read(folder) is { } last)
        {
            var text = $"the last complete backup was made at {UtcText.Of(last.At)} in {last.Directory}";
            return StoredTime.IsOlder(last.At, now, longest) ? CheckResult.Warning(Subject, text, Remedy) : CheckResult.Ok(Subject, text);
        }

        return oldest is { } since && StoredTime.IsOlder(since, now, longest)
            ? CheckResult.Warning(Subject, "no complete backup has been made", Remedy)
            : CheckResult.Ok(Subject, "none yet, and the installation is new");
    }
}
