using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Imap;

/// <summary>
/// An action that <c>ImapSession</c> requests from its driver. The session hands out one effect at a time and continues when the driver has answered
/// it or, for effects without an answer, performed it. Output written before an effect reaches the client before the effect.
/// </summary>
public abstract record ImapEffect
{
    private ImapEffect() { }

    /// <summary>Send a request to the mailbox. Answered by <c>ImapSession.Answer(MailboxReply)</c>.</summary>
    public sealed record RequestMailbox(MailboxRequest Request) : ImapEffect;

    /// <summary>Find the account with this login. Answered by <c>ImapSession.AnswerAccount</c>.</summary>
    public sealed record FindAccount(EmailAddress Login) : ImapEffect;

    /// <summary>Send a request to the mailbox of another account, which authorizes it itself. Answered by <c>ImapSession.Answer(MailboxReply)</c>.</summary>
    public sealed record RequestMailboxOf(AccountId Owner, MailboxRequest Request) : ImapEffect;

    /// <summary>Authenticate a user. Answered by <c>ImapSession.Answer(AuthenticationReply)</c>.</summary>
    public sealed record Authenticate(AuthenticationRequest Request) : ImapEffect;

    /// <summary>Flush, discard input that the client sent ahead, and start the TLS handshake. Answered by <c>ImapSession.TlsStarted</c>.</summary>
    public sealed record StartTls : ImapEffect;

    /// <summary>Flush, then compress all output and decompress all input (RFC 4978).</summary>
    public sealed record StartCompression : ImapEffect;

    /// <summary>The literal of an APPEND begins. Answered by <c>ImapSession.AnswerMessage</c> with the writer for its octets.</summary>
    public sealed record BeginMessage(long Size) : ImapEffect;

    /// <summary>All octets are written: make the message durable. Answered by <c>ImapSession.Answer(SpooledMessage)</c>, with null on failure.</summary>
    public sealed record CommitMessage : ImapEffect;

    /// <summary>Discard the message that was begun.</summary>
    public sealed record DiscardMessage : ImapEffect;

    /// <summary>Send a range of a message to the client unchanged.</summary>
    public sealed record SendContent(MessageContent Content, long Offset, long Count) : ImapEffect;

    /// <summary>Flush the output to the client before the session writes more.</summary>
    public sealed record Flush : ImapEffect;

    /// <summary>Let other sessions run, since this one works on something large.</summary>
    public sealed record Yield : ImapEffect;

    /// <summary>Flush and close the connection.</summary>
    public sealed record Close : ImapEffect;

    /// <summary>Internal only: a command waits for more input from the client.</summary>
    internal sealed record NeedInput : ImapEffect;
}
