using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Protocol.Smtp.Client;

namespace MailServer.Actors.Queue;

/// <summary>A job's message with its content open.</summary>
internal sealed class MessageToSend : IDisposable
{
    private readonly QueueServices _services;
    private readonly MessageContent _content;
    private ConvertedMessage? _converted;

    /// <exception cref="FileNotFoundException">The spool does not contain the message.</exception>
    /// <exception cref="InvalidDataException">The spool file is damaged.</exception>
    public MessageToSend(QueueServices services, DestinationProtocol.Job job)
    {
        _services = services;
        var item = job.Item;
        _content = QueuedContent.Open(services, item);
        var recipients = job.Recipients.Select(i => item.Recipients[i]).ToArray();
        Message = new OutgoingMessage
        {
            Sender = item.Sender,
            Recipients = [.. recipients.Select(static r => r.Address)],
            Content = _content,
            EightBit = item.EightBit,
            SmtpUtf8 = item.SmtpUtf8,
            RequireTls = item.RequireTls,
            Priority = item.Priority,
            DeliverBy = item.DeliverBy is { } by ? new DeliverByValue((long)(by.Deadline - services.Time.GetUtcNow()).TotalSeconds, by.Return, by.Trace) : null,
            Dsn = new DsnRequest { Return = item.Return, EnvelopeId = item.EnvelopeId, Recipients = Requests(recipients) },
        };
    }

    public OutgoingMessage Message { get; }

    /// <summary>The version for a host without 8BITMIME, or with <paramref name="keepsBodies"/> only without SMTPUTF8.</summary>
    public ConvertedMessage Convert(bool keepsBodies) => _converted ??= SevenBitConverter.Convert(_services, _content, keepsBodies);

    public void Dispose()
    {
        _converted?.Content?.Dispose();
        _content.Dispose();
    }

    private static Dictionary<EmailAddress, RecipientDsnRequest> Requests(IEnumerable<QueueRecipient> recipients) => recipients
        .Where(static r => r.Notify != DsnNotify.Unspecified || r.OriginalRecipient is not null)
        .ToDictionary(static r => r.Address, static r => new RecipientDsnRequest(r.Notify, r.OriginalRecipient));
}
