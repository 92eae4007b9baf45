using System.Net;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Dsn;
using MailServer.Protocol.Smtp.Trace;

namespace MailServer.Actors.Delivery;

/// <summary>What leaves a delivery for elsewhere: the item for the queue, and the notice that a sender asked for.</summary>
internal static class Outgoing
{
    public static QueueItem Describe(SpooledMessage message, Prepared prepared, int skip, string hostname)
    {
        var transaction = prepared.Accept.Transaction;
        return new QueueItem
        {
            Message = message.Id,
            MessageId = transaction.Policy == SessionPolicy.Submission
                ? prepared.Fields!.MessageIdOr(message.Id.Value, hostname)
                : prepared.Fields!.MessageId,
            Sender = prepared.Sender,
            QueuedAt = message.ReceivedAt.ToUniversalTime(),
            Size = message.Size - skip,
            Skip = skip,
            EightBit = transaction.EightBit,
            SmtpUtf8 = transaction.SmtpUtf8,
            Return = transaction.Dsn.Return,
            EnvelopeId = transaction.Dsn.EnvelopeId,
            Recipients = [.. prepared.Destinations.Remote.Select(r => Recipient(r.Key, transaction.Dsn.Of(r.Value), message.ReceivedAt))],
        };
    }

    /// <summary>For the recipients with a mailbox here whose sender wants to hear of success (RFC 3461 §5.2.2); null when there are none.</summary>
    public static DeliveryProtocol.Accept? SuccessNotice(DeliveryServices services, SpooledMessage message, Prepared prepared)
    {
        var transaction = prepared.Accept.Transaction;
        if (transaction.Sender is not { } sender) return null;
        var wanted = prepared.Destinations.Accounts.Values.Distinct().Where(r => transaction.Dsn.Of(r) is { Notify: not DsnNotify.Unsaid } request && request.Notify.HasFlag(DsnNotify.Success)).ToArray();
        if (wanted.Length == 0) return null;
        using var content = services.Spool.Open(message.Id);
        var buffer = services.Spool.Begin();
        var now = services.Time.GetLocalNow();
        var notice = new DeliveryNotice
        {
            Action = DsnAction.Delivered,
            Hostname = services.Hostname,
            To = sender,
            Unique = buffer.Id.Value + ".dsn",
            Now = now,
            ArrivedAt = message.ReceivedAt,
            EnvelopeId = transaction.Dsn.EnvelopeId,
            Recipients = [.. wanted.Select(r => new RecipientNotice(r, transaction.Dsn.Of(r).OriginalRecipient, null))],
        };
        DeliveryNoticeWriter.Write(buffer, notice, HeaderSection.Read(content, services.Limits.MaxHeaderSize), whole: false);
        return new DeliveryProtocol.Accept(OfOurs(services.Hostname, message.Id, sender, transaction.SmtpUtf8), buffer);
    }

    /// <summary>The transaction of a notice: from nobody, to the sender of <paramref name="about"/>.</summary>
    public static MailTransaction OfOurs(string hostname, SpoolId about, EmailAddress to, bool smtpUtf8) => new()
    {
        SessionId = about.Value,
        Policy = SessionPolicy.Submission,
        RemoteAddress = IPAddress.Loopback,
        HeloName = hostname,
        Extended = true,
        Tls = null,
        Account = null,
        Sender = null,
        SmtpUtf8 = smtpUtf8,
        EightBit = true,
        Recipients = [to],
    };

    private static QueueRecipient Recipient(EmailAddress address, RecipientRequest request, DateTimeOffset now) =>
        new() { Address = address, Notify = request.Notify, OriginalRecipient = request.OriginalRecipient, NextAttempt = now.ToUniversalTime() };
}
