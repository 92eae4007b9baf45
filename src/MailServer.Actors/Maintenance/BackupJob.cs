using MailServer.Domain.Backup;

namespace MailServer.Actors.Maintenance;

/// <summary>A complete backup.</summary>
/// <param name="Name">The name of its folder.</param>
/// <param name="Number">Higher than that of every earlier backup; null if its list of files cannot be read.</param>
/// <param name="At">When it was made, as its name says.</param>
public sealed record StoredBackup(string Name, long? Number, DateTimeOffset At);

/// <summary>When and where the last complete backup was made.</summary>
public sealed record LastBackup(DateTimeOffset At, string Directory);

/// <summary>What a job does with backups.</summary>
public enum BackupJobKind
{
    Backup,
    Verify,

    /// <summary>Adds the messages of an account that its mailbox no longer has.</summary>
    Restore,
}

/// <summary>Long work with backups that an administrator has started on this node.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Directory">The directory of the backups.</param>
/// <param name="Name">The backup; empty for one that is being made.</param>
/// <param name="Account">The account that is restored; empty for other jobs.</param>
/// <param name="StartedAt">When it was started.</param>
public sealed record BackupJob(BackupJobKind Kind, string Directory, string Name, string Account, DateTimeOffset StartedAt)
{
    /// <summary>The last reported progress.</summary>
    public BackupProgress Progress { get; init; }

    /// <summary>When it ended; null while it runs.</summary>
    public DateTimeOffset? EndedAt { get; init; }

    /// <summary>What was done, in one sentence without full stop; empty while it runs.</summary>
    public string Result { get; init; } = "";

    /// <summary>What is wrong with the result: damaged files, files that could not be read, or why nothing was done.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    public bool IsRunning => EndedAt is null;
}
