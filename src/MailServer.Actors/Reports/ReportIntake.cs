using Akka.Actor;
using MailServer.Actors.Submission;
using MailServer.Domain;
using MailServer.Domain.Addresses;
using MailServer.Domain.Messages;
using MailServer.Protocol.Reports;
using Microsoft.Extensions.Logging;

namespace MailServer.Actors.Reports;

/// <summary>
/// Recognises reports in delivered mail by their recipient address, never by their content, so that other senders cannot disguise ordinary mail as reports.
/// Sends the attachments to the reports actor unchanged; the mail is delivered in any case.
/// </summary>
internal sealed partial class ReportIntake(ReportOptions options, Limits limits, ICanTell reports, ILogger log) : IDeliveredMessageHandler
{
    private static readonly HashSet<string> Names = new(["dmarc-reports", "tls-reports", "postmaster"], StringComparer.OrdinalIgnoreCase);

    private long _waiting;

    public bool Wants(DeliveredMessage message) =>
        message.Recipients.Values.Any(IsForReports) && ReportAttachments.MayContainReport(message.Spooled.Summary);

    public void Read(DeliveredMessage message, MessageContent content)
    {
        // RFC 9990 §3.5.2: reports must be authenticated.
        if (message.Verdict?.Results.Any(static r => r.StartsWith("dmarc=fail", StringComparison.Ordinal)) == true)
        {
            LogForged(message.Spooled.Id);
            return;
        }

        var attachments = ReportAttachments.Find(message.Spooled.Summary, content, limits);
        if (attachments.Count == 0) return;
        var octets = attachments.Sum(static a => (long)a.Length);
        if (Interlocked.Add(ref _waiting, octets) > limits.ReportIntakeBacklog)
        {
            Interlocked.Add(ref _waiting, -octets);
            LogTooMany(message.Spooled.Id);
            return;
        }

        reports.Tell(new ReportsProtocol.ReportMailDelivered(message.Spooled.Id, message.Transaction.Sender, message.Spooled.ReceivedAt, attachments), ActorRefs.NoSender);
    }

    /// <summary>Called when the attachments have been processed.</summary>
    public void Done(ReportsProtocol.ReportMailDelivered arrived) => Interlocked.Add(ref _waiting, -arrived.Attachments.Sum(static a => (long)a.Length));

    private bool IsForReports(EmailAddress address)
    {
        var plain = address.WithoutTag();
        return Names.Contains(plain.Local) || options.ReceiveAt.Contains(address) || options.ReceiveAt.Contains(plain);
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Message {Message} to a report address failed DMARC; it is not processed as a report")]
    private partial void LogForged(SpoolId message);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Too many reports are being processed; message {Message} is not processed as a report")]
    private partial void LogTooMany(SpoolId message);
}
