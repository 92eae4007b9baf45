using MailServer.Common;
using MailServer.Domain.Health;
using MailServer.Web.Admin;

namespace MailServer.Commands;

/// <summary>Prints findings. The exit code is 1 if one of them is a problem.</summary>
internal static class FindingListing
{
    public static int Report(CommandContext context, IReadOnlyList<CheckResult> results) =>
        Report(context, [.. results.Select(r => FindingDocument.Of(new Finding("", r.Subject, r.Severity, r.Text, r.Remedy, context.Shell.Time.GetUtcNow())))]);

    public static int Report(CommandContext context, IReadOnlyList<FindingDocument> findings)
    {
        var listing = new Listing("subject", "severity", "found", "remedy", "check", "checked_at");
        foreach (var f in findings) listing.Add(f.Subject, f.Severity, f.Text, f.Remedy, f.Check, HumanReadable.Time(f.CheckedAt));
        context.Print(listing);
        return findings.Any(static f => f.Severity == FindingDocument.NameOf(FindingSeverity.Problem)) ? ExitCodes.Failed : ExitCodes.Success;
    }
}
