using System.Net;
using MailServer.Actors.Reports;
using MailServer.Domain.Reports;
using static MailServer.Actors.Serialization.WireCodecs;

namespace MailServer.Actors.Serialization;

/// <summary>Codecs for messages to the reports actor.</summary>
internal static class ReportCodecs
{
    public static IEnumerable<WireCodec> All() =>
    [
        Create<ReportsProtocol.ListReceived>("reports.list-received-1", (w, m) => { w.Enum(m.Kind); w.Int(m.Max); }, r => new(r.Enum<ReportKind>(), r.Int())),
        Create<ReportsProtocol.Received>("reports.received-1", (w, m) => w.List(m.Reports, x => Write(w, x)), r => new(r.List(() => ReadReceived(r)))),
        Create<ReportsProtocol.ListSent>("reports.list-sent-1", (w, m) => { w.Enum(m.Kind); w.Int(m.Max); }, r => new(r.Enum<ReportKind>(), r.Int())),
        Create<ReportsProtocol.Sent>("reports.sent-1", (w, m) => w.List(m.Reports, x => Write(w, x)), r => new(r.List(() => ReadSent(r)))),
        Create<ReportsProtocol.GetReport>("reports.show-1", (w, m) => { w.Enum(m.Kind); w.Long(m.Id); }, r => new(r.Enum<ReportKind>(), r.Long())),
        Create<ReportsProtocol.ReportFound>(
            "reports.shown-1", (w, m) => { w.Maybe(m.Report, x => Write(w, x)); w.Bytes(m.Packed.Span); }, r => new(r.Maybe(() => ReadReceived(r)), r.Bytes())),
        Create<ReportsProtocol.Send>(
            "reports.send-1",
            (w, m) => { w.Enum(m.Kind); w.Int(m.Day.DayNumber); w.Maybe(m.Domain, w.Text); w.Bool(m.DryRun); },
            r => new(r.Enum<ReportKind>(), DateOnly.FromDayNumber(r.Int()), r.Maybe(r.Text), r.Bool())),
        Create<ReportsProtocol.ReportMailDelivered>("reports.arrived-1", Write, ReadArrived),
        Create<ReportsProtocol.RecordObservations>(
            "reports.noted-1",
            (w, m) => { w.Long(m.Number); w.List(m.Dmarc, x => Write(w, x)); w.List(m.Tls, x => Write(w, x)); },
            r => new(r.Long(), r.List(() => ReadDmarc(r)), r.List(() => ReadTls(r)))),
        Create<ReportsProtocol.ForwardReportMail>("reports.brought-1", (w, m) => { w.Long(m.Number); Write(w, m.Arrived); }, r => new(r.Long(), ReadArrived(r))),
        Create<ReportsProtocol.Acknowledged>("reports.taken-1", (w, m) => w.Long(m.Number), r => new(r.Long())),
    ];

    private static void Write(WireWriter w, ReportsProtocol.ReportMailDelivered m)
    {
        w.Text(m.Message.Value);
        w.Maybe(m.Sender, w.Address);
        w.Time(m.At);
        w.List(m.Attachments, a => w.Bytes(a));
    }

    private static ReportsProtocol.ReportMailDelivered ReadArrived(WireReader r) => new(r.SpoolName(), r.Maybe(r.Address), r.Time(), r.List(() => r.Bytes().ToArray()));

    private static void Write(WireWriter w, ReceivedReport m)
    {
        w.Long(m.Id);
        w.Enum(m.Kind);
        w.Time(m.ReceivedAt);
        w.Text(m.Domain);
        w.Text(m.Organization);
        w.Text(m.ReportId);
        w.Time(m.Begin);
        w.Time(m.End);
        w.Long(m.Messages);
        w.Long(m.Failures);
        w.Text(m.Sender);
    }

    private static ReceivedReport ReadReceived(WireReader r) => new()
    {
        Id = r.Long(),
        Kind = r.Enum<ReportKind>(),
        ReceivedAt = r.Time(),
        Domain = r.Text(),
        Organization = r.Text(),
        ReportId = r.Text(),
        Begin = r.Time(),
        End = r.Time(),
        Messages = r.Long(),
        Failures = r.Long(),
        Sender = r.Text(),
    };

    private static void Write(WireWriter w, SentReport m)
    {
        w.Enum(m.Subject.Kind);
        w.Int(m.Subject.Day.DayNumber);
        w.Text(m.Subject.Domain);
        w.Long(m.Subject.Messages);
        w.Text(m.ReportId);
        w.Time(m.End);
        w.Time(m.At);
        w.List(m.Destinations, w.Text);
        w.Text(m.Outcome);
    }

    private static SentReport ReadSent(WireReader r) => new(
        new PendingReport(r.Enum<ReportKind>(), DateOnly.FromDayNumber(r.Int()), r.Text(), r.Long()), r.Text(), r.Time(), r.Time(), r.List(r.Text), r.Text());

    private static void Write(WireWriter w, DmarcObservation m)
    {
        w.Time(m.At);
        w.Text(m.Source.ToString());
        w.Text(m.HeaderFrom);
        w.Text(m.EnvelopeFrom);
        w.Maybe(m.PolicyDomain, w.Text);
        w.Maybe(m.PolicyRecord, w.Text);
        w.Text(m.Disposition);
        w.Bool(m.DkimAligned);
        w.Bool(m.SpfAligned);
        w.Maybe(m.OverrideReason, w.Text);
        w.List(m.Dkim, d => { w.Text(d.Domain); w.Text(d.Selector); w.Text(d.Result); });
        w.MaybeValue(m.Spf, s => { w.Text(s.Domain); w.Text(s.Result); });
    }

    private static DmarcObservation ReadDmarc(WireReader r) => new()
    {
        At = r.Time(),
        Source = IPAddress.Parse(r.Text()),
        HeaderFrom = r.Text(),
        EnvelopeFrom = r.Text(),
        PolicyDomain = r.Maybe(r.Text),
        PolicyRecord = r.Maybe(r.Text),
        Disposition = r.Text(),
        DkimAligned = r.Bool(),
        SpfAligned = r.Bool(),
        OverrideReason = r.Maybe(r.Text),
        Dkim = r.List(() => new DkimObservation(r.Text(), r.Text(), r.Text())),
        Spf = r.MaybeValue(() => (r.Text(), r.Text())),
    };

    private static void Write(WireWriter w, TlsObservation m)
    {
        w.Time(m.At);
        w.Text(m.PolicyDomain);
        w.Enum(m.PolicyType);
        w.List(m.PolicyStrings, w.Text);
        w.List(m.MxPatterns, w.Text);
        w.Maybe(m.Failure, w.Text);
        w.Maybe(m.MxHost, w.Text);
        w.Maybe(m.ReceivingAddress?.ToString(), w.Text);
        w.Maybe(m.SendingAddress?.ToString(), w.Text);
        w.Maybe(m.ReceivingHelo, w.Text);
        w.Maybe(m.Information, w.Text);
    }

    private static TlsObservation ReadTls(WireReader r) => new()
    {
        At = r.Time(),
        PolicyDomain = r.Text(),
        PolicyType = r.Enum<TlsPolicyType>(),
        PolicyStrings = r.List(r.Text),
        MxPatterns = r.List(r.Text),
        Failure = r.Maybe(r.Text),
        MxHost = r.Maybe(r.Text),
        ReceivingAddress = r.Maybe(() => IPAddress.Parse(r.Text())),
        SendingAddress = r.Maybe(() => IPAddress.Parse(r.Text())),
        ReceivingHelo = r.Maybe(r.Text),
        Information = r.Maybe(r.Text),
    };
}
