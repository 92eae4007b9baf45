using Akka.Actor;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Domain.Reports;

namespace MailServer.Actors.Reports;

/// <summary>Messages of the reports actor: requests of the admin API, and internal messages.</summary>
public static class ReportsProtocol
{
    /// <summary>Lists the latest received reports. Answered with <see cref="Received"/>.</summary>
    public sealed record ListReceived(ReportKind Kind, int Max);

    public sealed record Received(IReadOnlyList<ReceivedReport> Reports);

    /// <summary>Lists the latest reports sent by this server. Answered with <see cref="Sent"/>.</summary>
    public sealed record ListSent(ReportKind Kind, int Max);

    public sealed record Sent(IReadOnlyList<SentReport> Reports);

    /// <summary>Requests one received report. Answered with <see cref="ReportFound"/>.</summary>
    public sealed record GetReport(ReportKind Kind, long Id);

    /// <summary>The report, null if there is none, and its stored document.</summary>
    public sealed record ReportFound(ReceivedReport? Report, ReadOnlyMemory<byte> Packed);

    /// <summary>Sends the reports of a day now; a dry run only returns what would be sent where. Answered with <see cref="Sent"/> when all are done.</summary>
    /// <param name="Kind">Type of report.</param>
    /// <param name="Day">The day in UTC.</param>
    /// <param name="Domain">One domain; null: all.</param>
    /// <param name="DryRun">Do not send anything.</param>
    public sealed record Send(ReportKind Kind, DateOnly Day, string? Domain, bool DryRun);

    /// <summary>A message to a report address was delivered.</summary>
    internal sealed record ReportMailDelivered(SpoolId Message, EmailAddress? Sender, DateTimeOffset At, IReadOnlyList<byte[]> Attachments);

    /// <summary>Observations of a cluster node. Answered with <see cref="Acknowledged"/> when they are stored.</summary>
    internal sealed record RecordObservations(long Number, IReadOnlyList<DmarcObservation> Dmarc, IReadOnlyList<TlsObservation> Tls);

    /// <summary>A report received by a cluster node. Answered with <see cref="Acknowledged"/>.</summary>
    internal sealed record ForwardReportMail(long Number, ReportMailDelivered Arrived);

    /// <summary>The message with this number has been stored, now or earlier.</summary>
    internal sealed record Acknowledged(long Number);

    /// <summary>
    /// A report sender has finished. With <paramref name="KeepsNotes"/> the observations are kept because no destination accepted the report for now.
    /// </summary>
    internal sealed record SendFinished(SentReport Report, bool KeepsNotes, bool IsAskedFor) : INoSerializationVerificationNeeded;

    /// <summary>Periodic check.</summary>
    internal sealed record Tick
    {
        public static Tick Instance { get; } = new();
    }

    /// <summary>Store the collected observations.</summary>
    internal sealed record Drain
    {
        public static Drain Instance { get; } = new();
    }
}
