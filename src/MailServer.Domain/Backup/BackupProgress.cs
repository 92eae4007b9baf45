namespace MailServer.Domain.Backup;

/// <summary>The progress of a backup, a verification or a restore.</summary>
/// <param name="Step">Description of the current step.</param>
/// <param name="Done">Number of files processed.</param>
/// <param name="Total">Total number of files, as far as known.</param>
/// <param name="Bytes">Number of octets processed.</param>
public readonly record struct BackupProgress(string Step, long Done, long Total, long Bytes);

/// <summary>The contents of a completed backup.</summary>
/// <param name="Name">Name of its folder.</param>
/// <param name="Files">Number of files.</param>
/// <param name="Bytes">Total size of the files, in octets.</param>
/// <param name="NewFiles">Number of files that no earlier backup contains.</param>
/// <param name="NewBytes">Total size of the new files, in octets.</param>
public sealed record BackupSummary(string Name, long Files, long Bytes, long NewFiles, long NewBytes)
{
    /// <summary>Files that could not be read and are missing from the backup, each with the reason.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>Notices that do not affect completeness: skipped special files, damage in earlier backups, implausible dates.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
