namespace MailServer.Storage.Backup;

/// <summary>The result of a restore.</summary>
/// <param name="IsDone">False if damage was found and nothing was restored.</param>
/// <param name="Damaged">Damaged or missing files that were not restored, one per line.</param>
/// <param name="NotRestored">Files of the backup that must be restored by hand because they belong outside the data directory.</param>
public sealed record RestoreOutcome(bool IsDone, IReadOnlyList<string> Damaged, IReadOnlyList<string> NotRestored);
