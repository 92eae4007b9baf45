using MailServer.Domain.Backup;

namespace MailServer.Commands;

/// <summary>Passes progress to a progress bar on the calling thread, and so in order, unlike <see cref="Progress{T}"/>.</summary>
internal sealed class SynchronousProgress(ProgressBar.Report report) : IProgress<BackupProgress>
{
    public void Report(BackupProgress value) => report(value.Step, value.Done, value.Total);
}
