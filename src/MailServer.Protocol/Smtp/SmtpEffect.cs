using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;

namespace MailServer.Protocol.Smtp;

/// <summary>An action that an <c>SmtpSession</c> requests from its driver. The same rules apply as for <see cref="Imap.ImapEffect"/>.</summary>
public abstract record SmtpEffect
{
    private SmtpEffect() { }

    /// <summary>Authenticate a user. Answered by <c>SmtpSession.Answer(AuthenticationReply)</c>.</summary>
    public sealed record Authenticate(AuthenticationRequest Request) : SmtpEffect;

    /// <summary>Flush, discard input that the client sent ahead, and start the TLS handshake. Answered by <c>SmtpSession.TlsStarted</c>.</summary>
    public sealed record StartTls : SmtpEffect;

    /// <summary>
    /// MAIL FROM: check the sender. Answered by <c>SmtpSession.Answer(SmtpReply)</c>, which is sent to the client. A null <paramref name="Sender"/>
    /// is <c>&lt;&gt;</c>.
    /// </summary>
    public sealed record CheckSender(EmailAddress? Sender) : SmtpEffect;

    /// <summary>RCPT TO: check the recipient. Answered by <c>SmtpSession.Answer(SmtpReply)</c>.</summary>
    public sealed record CheckRecipient(EmailAddress Recipient) : SmtpEffect;

    /// <summary>DATA or the first BDAT: begin a message. Answered by <c>SmtpSession.AnswerMessage</c> with the writer for its octets.</summary>
    public sealed record BeginMessage : SmtpEffect;

    /// <summary>
    /// The content is complete: accept or refuse the message. Answered by <c>SmtpSession.Answer(SmtpReply)</c>. A positive reply promises that the
    /// message is durable.
    /// </summary>
    public sealed record AcceptMessage(MailTransaction Transaction) : SmtpEffect;

    /// <summary>Discard the message that was begun (RSET, too large, malformed, or connection lost).</summary>
    public sealed record DiscardMessage : SmtpEffect;

    /// <summary>Flush the output to the client.</summary>
    public sealed record Flush : SmtpEffect;

    /// <summary>Flush and close the connection.</summary>
    public sealed record Close : SmtpEffect;
}
