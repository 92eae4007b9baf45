using MailServer.Actors.Certificates;
using MailServer.Domain.Formatting;

namespace MailServer.Diagnostics;

/// <summary>Assesses a certificate.</summary>
internal static class CertificateFindings
{
    public static Finding Of(CertificateStatus status, DateTimeOffset now)
    {
        const int FewDays = 7;
        var subject = "certificate " + status.Name;
        var failure = status.Trouble is { } trouble ? "; " + trouble : "";
        if (status.Facts is not { } facts)
            return failure.Length > 0 ? Finding.Problem(subject, "no certificate" + failure) : Finding.Warning(subject, "no certificate yet; an order is in progress");
        var days = (facts.NotAfter - now).TotalDays;
        var text = $"issued by {facts.Issuer}, valid for {Quantity.Of((long)Math.Round(days), "day")}{failure}";
        if (days < 0) return Finding.Problem(subject, $"expired at {UtcText.Of(facts.NotAfter)}{failure}");
        if (facts.SelfSigned) return Finding.Warning(subject, "is self-signed: clients show a warning" + failure);
        return days < FewDays || failure.Length > 0 ? Finding.Warning(subject, text) : Finding.Ok(subject, text);
    }
}
