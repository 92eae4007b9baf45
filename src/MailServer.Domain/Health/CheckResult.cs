namespace MailServer.Domain.Health;

/// <summary>What a check found out about one subject.</summary>
/// <param name="Subject">The examined item, unique within its check, for example <c>certificate mail.example.org</c>.</param>
/// <param name="Severity">How serious it is.</param>
/// <param name="Text">Description in one sentence without a full stop at the end.</param>
/// <param name="Remedy">How to fix it, usually a command; empty if there is nothing to fix.</param>
public sealed record CheckResult(string Subject, FindingSeverity Severity, string Text, string Remedy = "")
{
    public static CheckResult Ok(string subject, string text) => new(subject, FindingSeverity.Ok, text);

    public static CheckResult Warning(string subject, string text, string remedy = "") => new(subject, FindingSeverity.Warning, text, remedy);

    public static CheckResult Problem(string subject, string text, string remedy = "") => new(subject, FindingSeverity.Problem, text, remedy);
}
