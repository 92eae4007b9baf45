namespace MailServer.Storage.Backup;

/// <summary>How a restore ended.</summary>
/// <param name="IsDone">False when damage was found and nothing was restored.</param>
/// <param name="Damaged">What is damaged or missing in the backup, a line each; it was not restored.</param>
/// <param name="Left">Files of the backup that are not put back: those that lie outside of the data directory.</param>
public sealed record RestoreOutcome(bool IsDone, IReadOnlyList<string> Damaged, IReadOnlyList<string> Left);
