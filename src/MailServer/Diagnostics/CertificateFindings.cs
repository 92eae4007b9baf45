using System.Globalization;
using MailServer.Actors.Certificates;

namespace MailServer.Diagnostics;

/// <summary>What to think of a certificate.</summary>
internal static class CertificateFindings
{
    public static Finding Of(CertificateStatus status, DateTimeOffset now)
    {
        const int FewDays = 7;
        var subject = "certificate " + status.Name;
        var failure = status.Trouble is { } trouble ? "; " + trouble : "";
        if (status.Facts is not { } facts)
            return failure.Length > 0 ? Finding.Problem(subject, "there is none" + failure) : Finding.Warning(subject, "there is none yet; it is being ordered");
        var days = (facts.NotAfter - now).TotalDays;
        var text = string.Create(CultureInfo.InvariantCulture, $"of {facts.Issuer}, valid for {days:0} days{failure}");
        if (days < 0) return Finding.Problem(subject, string.Create(CultureInfo.InvariantCulture, $"ended on {facts.NotAfter:yyyy-MM-dd}{failure}"));
        if (facts.SelfSigned) return Finding.Warning(subject, "is self-signed: clients will warn" + failure);
        return days < FewDays || failure.Length > 0 ? Finding.Warning(subject, text) : Finding.Ok(subject, text);
    }
}
