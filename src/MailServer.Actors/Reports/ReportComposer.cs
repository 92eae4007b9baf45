using MailServer.Domain.Addresses;
using MailServer.Domain.Reports;
using MailServer.Protocol.Reports;

namespace MailServer.Actors.Reports;

/// <summary>Composes the report about one domain and day.</summary>
internal sealed class ReportComposer(ReportServices services, PendingReport about, PendingObservations observed, EmailAddress from)
{
    public ReportMail Compose()
    {
        var end = End();
        var begin = observed.Begin < end ? observed.Begin : ReportSchedule.EndOf(about.Day).AddDays(-1).AddSeconds(1);
        var id = ReportMail.IdFor(about.Domain, begin, end, from.Domain);
        return new ReportMail
        {
            Kind = about.Kind,
            Domain = about.Domain,
            From = from,
            ReportId = id,
            Begin = begin,
            End = end,
            Document = about.Kind == ReportKind.Dmarc ? ReportCompressor.Compress(Dmarc(id, begin, end)) : ReportCompressor.Compress(Tls(id, begin, end)),
        };
    }

    /// <summary>The end of the day, or the current time if the day is not over.</summary>
    private DateTimeOffset End()
    {
        var (end, now) = (ReportSchedule.EndOf(about.Day), services.Time.GetUtcNow());
        return now < end ? now : end;
    }

    private DmarcReport Dmarc(string id, DateTimeOffset begin, DateTimeOffset end)
    {
        var policy = DmarcPolicyText.Describe(about.Domain, observed.PolicyRecord);
        return new DmarcReport
        {
            Organization = from.Domain,
            Email = from.ToString(),
            ReportId = id,
            Begin = begin,
            End = end,
            Generator = services.Settings.Generator,
            Policy = policy,
            Rows = DmarcReportBuilder.Rows(policy, observed.Rows),
        };
    }

    private TlsReport Tls(string id, DateTimeOffset begin, DateTimeOffset end) => new()
    {
        Organization = from.Domain,
        Contact = from.ToString(),
        ReportId = id,
        Begin = begin,
        End = end,
        Policies = observed.Policies,
    };
}
