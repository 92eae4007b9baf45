using MailServer.Domain.Health;

namespace MailServer.Web.Admin;

/// <summary>A finding in the admin API.</summary>
/// <param name="Check">The check that found it.</param>
/// <param name="Subject">The affected item.</param>
/// <param name="Severity">ok, pending (not checked yet), warning or problem.</param>
/// <param name="Text">What was found.</param>
/// <param name="Remedy">How to fix it; empty if there is nothing to fix.</param>
/// <param name="CheckedAt">When this was the case; null if the check has not run yet.</param>
/// <param name="StopsService">Whether the node cannot provide its service until it is fixed.</param>
public sealed record FindingDocument(string Check, string Subject, string Severity, string Text, string Remedy, DateTimeOffset? CheckedAt, bool StopsService)
{
    public static FindingDocument Of(Finding finding)
    {
        ArgumentNullException.ThrowIfNull(finding);
        return new FindingDocument(finding.Check, finding.Subject, NameOf(finding.Severity), finding.Text, finding.Remedy, finding.CheckedAt, finding.StopsService);
    }

    /// <summary>The name of a severity, as scripts read it.</summary>
    public static string NameOf(FindingSeverity severity) => severity.ToString().ToLowerInvariant();

    public override string ToString() => Remedy.Length == 0 ? $"{Subject}: {Text}" : $"{Subject}: {Text}; {Remedy}";
}
