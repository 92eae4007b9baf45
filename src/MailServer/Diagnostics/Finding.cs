namespace MailServer.Diagnostics;

/// <summary>The severity of a finding.</summary>
internal enum FindingSeverity
{
    Ok,
    Warning,
    Problem,
}

/// <summary>The result of one check, with a remedy where there is one.</summary>
internal sealed record Finding(string Subject, FindingSeverity Severity, string Text)
{
    public static Finding Ok(string subject, string text) => new(subject, FindingSeverity.Ok, text);

    public static Finding Warning(string subject, string text) => new(subject, FindingSeverity.Warning, text);

    public static Finding Problem(string subject, string text) => new(subject, FindingSeverity.Problem, text);
}

/// <summary>The names of verdicts, as scripts and the admin API read them.</summary>
internal static class Findings
{
    public static string Name(FindingSeverity verdict) => verdict.ToString().ToLowerInvariant();
}
