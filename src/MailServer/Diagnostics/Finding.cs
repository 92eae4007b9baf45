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

/// <summary>The names of verdicts, as scripts and the admin API read them.</summary>
internal static class Findings
{
    public static string Name(Verdict verdict) => verdict.ToString().ToLowerInvariant();
}
