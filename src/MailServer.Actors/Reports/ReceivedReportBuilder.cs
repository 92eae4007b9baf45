using MailServer.Domain.Reports;
using MailServer.Protocol.Reports;

namespace MailServer.Actors.Reports;

/// <summary>Converts a received report to its stored form: the fields shown in lists, and the document re-encoded from what was parsed.</summary>
internal static class ReceivedReportBuilder
{
    public static (ReceivedReport Report, byte[] Document) Build(ReportDocument document, ReportsProtocol.ReportMailDelivered arrived) => document switch
    {
        { Dmarc: { } dmarc } => (
            new ReceivedReport
            {
                Kind = ReportKind.Dmarc,
                ReceivedAt = arrived.At,
                Domain = dmarc.Policy.Domain.ToLowerInvariant(),
                Organization = dmarc.Organization,
                ReportId = dmarc.ReportId,
                Begin = dmarc.Begin,
                End = dmarc.End,
                Messages = dmarc.Messages,
                Failures = dmarc.Failures,
                Sender = arrived.Sender?.ToString() ?? "",
            },
            ReportCompressor.Compress(dmarc)),
        { Tls: { } tls } => (
            new ReceivedReport
            {
                Kind = ReportKind.Tls,
                ReceivedAt = arrived.At,
                Domain = string.Join(' ', tls.Policies.Select(static p => p.Domain.ToLowerInvariant()).Where(static d => d.Length > 0).Distinct().Take(5)),
                Organization = tls.Organization,
                ReportId = tls.ReportId,
                Begin = tls.Begin,
                End = tls.End,
                Messages = tls.Sessions,
                Failures = tls.Failures,
                Sender = arrived.Sender?.ToString() ?? "",
            },
            ReportCompressor.Compress(tls)),
        _ => throw new InvalidOperationException("unknown type of report document"),
    };
}
