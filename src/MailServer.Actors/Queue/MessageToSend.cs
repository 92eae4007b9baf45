using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Client;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Queue;

/// <summary>A job's message with its content open.</summary>
internal sealed class MessageToSend : IDisposable
{
    private readonly ContentTail _content;

    /// <exception cref="FileNotFoundException">The spool does not have it.</exception>
    public MessageToSend(Spool spool, DestinationProtocol.Job job)
    {
        var item = job.Item;
        _content = new ContentTail(spool.Open(item.Message), item.Skip);
        var recipients = job.Recipients.Select(i => item.Recipients[i]).ToArray();
        Message = new OutgoingMessage
        {
            Sender = item.Sender,
            Recipients = [.. recipients.Select(static r => r.Address)],
            Content = _content,
            EightBit = item.EightBit,
            SmtpUtf8 = item.SmtpUtf8,
            RequireTls = item.RequireTls,
            Dsn = new DsnRequest { Return = item.Return, EnvelopeId = item.EnvelopeId, Recipients = Requests(recipients) },
        };
    }

    public OutgoingMessage Message { get; }

    public void Dispose() => _content.Dispose();

    private static Dictionary<EmailAddress, RecipientRequest> Requests(IEnumerable<QueueRecipient> recipients) => recipients
        .Where(static r => r.Notify != DsnNotify.Unsaid || r.OriginalRecipient is not null)
        .ToDictionary(static r => r.Address, static r => new RecipientRequest(r.Notify, r.OriginalRecipient));
}
