namespace MailServer.Domain.Health;

/// <summary>An entry of the node's list of findings (<see cref="HealthReport"/>).</summary>
/// <param name="Check">The check that found it; <see cref="HealthReport.Reported"/> for a problem that a component reported itself.</param>
/// <param name="Subject">The affected item.</param>
/// <param name="Severity">How serious it is.</param>
/// <param name="Text">Description in one sentence without a full stop at the end.</param>
/// <param name="Remedy">How to fix it; empty if there is nothing to fix.</param>
/// <param name="CheckedAt">When this was the case; null if the check has not run yet.</param>
public sealed record Finding(string Check, string Subject, FindingSeverity Severity, string Text, string Remedy, DateTimeOffset? CheckedAt)
{
    /// <summary>True if the node cannot provide its service until it is fixed.</summary>
    public bool StopsService { get; init; }

    /// <summary>Identifies the finding from one run of its check to the next.</summary>
    public string Id => $"{Check}/{Subject}";

    /// <summary>Whether an administrator should act.</summary>
    public bool NeedsAction => Severity >= FindingSeverity.Warning;

    public override string ToString() => Remedy.Length == 0 ? $"{Subject}: {Text}" : $"{Subject}: {Text}; {Remedy}";
}
