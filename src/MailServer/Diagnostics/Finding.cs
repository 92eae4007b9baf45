using MailServer.Commands;

namespace MailServer.Diagnostics;

/// <summary>The severity of a finding.</summary>
internal enum Verdict
{
    Ok,
    Warning,
    Problem,
}

/// <summary>The result of one check, with a remedy where there is one.</summary>
internal sealed record Finding(string Subject, Verdict Verdict, string Text)
{
    public static Finding Ok(string subject, string text) => new(subject, Verdict.Ok, text);

    public static Finding Warning(string subject, string text) => new(subject, Verdict.Warning, text);

    public static Finding Problem(string subject, string text) => new(subject, Verdict.Problem, text);
}

/// <summary>Prints findings. The exit code is 1 if one of them is a problem.</summary>
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
