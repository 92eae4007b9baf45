using MailServer.Actors.Certificates;
using MailServer.Domain.Formatting;
using MailServer.Domain.Health;

namespace MailServer.Diagnostics;

/// <summary>Assesses a certificate.</summary>
internal static class CertificateFindings
{
    public static CheckResult Of(CertificateStatus status, DateTimeOffset now)
    {
        const int FewDays = 14;
        const string Remedy = "see 'mailserver tls show', repair the cause, then run 'mailserver tls renew'";
        var subject = "certificate " + status.Name;
        var failure = status.Trouble is { } trouble ? "; " + trouble : "";
        if (status.Facts is not { } facts)
            return failure.Length > 0 ? CheckResult.Problem(subject, "no certificate" + failure, Remedy) : CheckResult.Warning(subject, "no certificate yet; an order is in progress");
        var days = (facts.NotAfter - now).TotalDays;
        var text = $"issued by {facts.Issuer}, valid for {Quantity.Of((long)Math.Round(days), "day")}{failure}";
        if (days < 0) return CheckResult.Problem(subject, $"expired at {UtcText.Of(facts.NotAfter)}{failure}", Remedy);
        if (facts.SelfSigned) return CheckResult.Warning(subject, "is self-signed: clients show a warning" + failure, "set tls.auto_tls to order certificates, or tls.cert_file");
        return days < FewDays || failure.Length > 0 ? CheckResult.Warning(subject, text, Remedy) : CheckResult.Ok(subject, text);
    }
}
