using MailServer.Common;
using MailServer.Diagnostics;

namespace MailServer.Commands;

/// <summary>Prints findings. The exit code is 1 if one of them is a problem.</summary>
internal static class FindingListing
{
    public static int Report(CommandContext context, IReadOnlyList<Finding> findings)
    {
        var listing = new Listing("check", "verdict", "found");
        foreach (var finding in findings) listing.Add(finding.Subject, Findings.Name(finding.Severity), finding.Text);
        context.Print(listing);
        return findings.Any(static f => f.Severity == FindingSeverity.Problem) ? ExitCodes.Failed : ExitCodes.Success;
    }
}
