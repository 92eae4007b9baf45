using System.Buffers;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Protocol.Smtp.Content;

namespace MailServer.Protocol.Smtp.Server;

/// <summary>The mail transaction in progress: the buffers of RFC 5321 §4.1.1.</summary>
internal sealed class OpenTransaction
{
    public EmailAddress? Sender { get; set; }

    public bool SmtpUtf8 { get; set; }

    public bool EightBit { get; set; }

    public List<EmailAddress> Recipients { get; } = [];

    public DsnReturn Return { get; set; }

    public string? EnvelopeId { get; set; }

    public EnvelopeOptions Options { get; set; } = EnvelopeOptions.None;

    public Dictionary<EmailAddress, RecipientDsnRequest> RecipientRequests { get; } = [];

    /// <summary>The writer for the message's octets, once the message has begun.</summary>
    public IBufferWriter<byte>? Content { get; set; }

    /// <summary>The number of octets of DATA received so far.</summary>
    public long ContentOctets { get; set; }

    /// <summary>The decoder of a message sent with BDAT.</summary>
    public ChunkDecoder? Chunks { get; set; }

    public MailTransaction Complete(SmtpSession session) => new()
    {
        SessionId = session.Options.SessionId,
        Policy = session.Options.Policy,
        RemoteAddress = session.Options.RemoteAddress,
        HeloName = session.HeloName,
        UsesEhlo = session.IsExtended,
        Tls = session.Tls,
        Account = session.Account,
        Sender = Sender,
        SmtpUtf8 = SmtpUtf8,
        EightBit = EightBit,
        Recipients = Recipients,
        Options = Options,
        Dsn = RecipientRequests.Count == 0 && Return == DsnReturn.Unspecified && EnvelopeId is null
            ? DsnRequest.None
            : new DsnRequest { Return = Return, EnvelopeId = EnvelopeId, Recipients = RecipientRequests },
    };
}
