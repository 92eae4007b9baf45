namespace MailServer.Domain.Backup;

/// <summary>How far a backup, its verification or a restore has come.</summary>
/// <param name="What">What is being done now, for people.</param>
/// <param name="Done">Files behind us.</param>
/// <param name="Total">Files in all, as far as is known yet.</param>
/// <param name="Bytes">Octets read behind us.</param>
public readonly record struct BackupProgress(string What, long Done, long Total, long Bytes);

/// <summary>What a finished backup holds.</summary>
/// <param name="Name">Its folder.</param>
/// <param name="Files">All files.</param>
/// <param name="Bytes">Their octets.</param>
/// <param name="NewFiles">Those that no earlier backup had.</param>
/// <param name="NewBytes">Their octets.</param>
public sealed record BackupSummary(string Name, long Files, long Bytes, long NewFiles, long NewBytes)
{
    /// <summary>What could not be read and is therefore not in the backup, each with the reason.</summary>
    public IReadOnlyList<string> Problems { get; init; } = [];

    /// <summary>What is worth knowing although nothing is missing: odd files that hold no data, damage in earlier backups, odd dates.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];
}
