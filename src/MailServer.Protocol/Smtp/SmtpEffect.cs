using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp;

/// <summary>What an <c>SmtpSession</c> needs of the world; the same rules as for <see cref="Imap.ImapEffect"/>.</summary>
public abstract record SmtpEffect
{
    private SmtpEffect() { }

    /// <summary>Answered by <c>SmtpSession.Answer(AuthenticationReply)</c>.</summary>
    public sealed record Authenticate(AuthenticationRequest Request) : SmtpEffect;

    /// <summary>Flush, drop what the client sent ahead, shake hands; answered by <c>SmtpSession.TlsStarted</c>.</summary>
    public sealed record StartTls : SmtpEffect;

    /// <summary>MAIL FROM: may this transaction begin? Answered by <c>SmtpSession.Answer(SmtpReply)</c>; the client gets that reply. <paramref name="Sender"/> null is <c>&lt;&gt;</c>.</summary>
    public sealed record CheckSender(EmailAddress? Sender) : SmtpEffect;

    /// <summary>RCPT TO: is this recipient taken? Answered by <c>SmtpSession.Answer(SmtpReply)</c>.</summary>
    public sealed record CheckRecipient(EmailAddress Recipient) : SmtpEffect;

    /// <summary>DATA or the first BDAT; answered by <c>SmtpSession.AnswerMessage</c> with where the octets go.</summary>
    public sealed record BeginMessage : SmtpEffect;

    /// <summary>The content is complete: take responsibility for it or refuse. Answered by <c>SmtpSession.Answer(SmtpReply)</c>; positive only when durable.</summary>
    public sealed record AcceptMessage(MailTransaction Transaction) : SmtpEffect;

    /// <summary>Forget the message that was begun (RSET, too large, malformed, connection lost).</summary>
    public sealed record DiscardMessage : SmtpEffect;

    /// <summary>Let the client take what was written so far.</summary>
    public sealed record Flush : SmtpEffect;

    /// <summary>Flush and close the connection.</summary>
    public sealed record Close : SmtpEffect;
}
