namespace MailServer.Domain.Health;

/// <summary>A named check of the node.</summary>
/// <param name="Name">The name by which it is rerun: lower-case words joined by hyphens.</param>
/// <param name="Interval">The time between two runs.</param>
/// <param name="Timeout">The time after which a run is given up, which is a problem of its own.</param>
/// <param name="IsLocal">True if it asks no other host and takes at most seconds.</param>
/// <param name="RunAsync">Runs it. An exception is reported as a problem.</param>
public sealed record HealthCheck(string Name, TimeSpan Interval, TimeSpan Timeout, bool IsLocal, Func<CancellationToken, Task<IReadOnlyList<CheckResult>>> RunAsync);
