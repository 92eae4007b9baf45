using MailServer.Commands;

namespace MailServer.Diagnostics;

/// <summary>How bad it is.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Problem,
}

/// <summary>One thing that was looked at, what was found, and where it helps what to do.</summary>
internal sealed record Finding(string Subject, Verdict Verdict, string Text)
{
    public static Finding Ok(string subject, string text) => new(subject, Verdict.Ok, text);

    public static Finding Warning(string subject, string text) => new(subject, Verdict.Warning, text);

    public static Finding Problem(string subject, string text) => new(subject, Verdict.Problem, text);
}

/// <summary>Prints findings; a problem among them is a failure for scripts.</summary>
internal static class Findings
{
    public static string Name(Verdict verdict) => verdict.ToString().ToLowerInvariant();

    public static int Report(CommandContext context, IReadOnlyList<Finding> findings)
    {
        var listing = new Listing("check", "verdict", "found");
        foreach (var finding in findings) listing.Add(finding.Subject, Name(finding.Verdict), finding.Text);
        context.Print(listing);
        return findings.Any(static f => f.Verdict == Verdict.Problem) ? ExitCodes.Failed : ExitCodes.Done;
    }
}
