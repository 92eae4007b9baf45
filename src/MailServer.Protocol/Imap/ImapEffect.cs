using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;

namespace MailServer.Protocol.Imap;

/// <summary>
/// What an <c>ImapSession</c> needs of the world. It hands out one at a time and goes on when that one is answered (or, where no answer
/// is named, performed). Octets written to the session's output before an effect go to the client before it.
/// </summary>
public abstract record ImapEffect
{
    private ImapEffect() { }

    /// <summary>Answered by <c>ImapSession.Answer(MailboxReply)</c>.</summary>
    public sealed record AskMailbox(MailboxRequest Request) : ImapEffect;

    /// <summary>Answered by <c>ImapSession.Answer(AuthenticationReply)</c>.</summary>
    public sealed record Authenticate(AuthenticationRequest Request) : ImapEffect;

    /// <summary>Flush, drop what the client sent ahead, shake hands; answered by <c>ImapSession.TlsStarted</c>.</summary>
    public sealed record StartTls : ImapEffect;

    /// <summary>A literal of APPEND begins; answered by <c>ImapSession.AnswerMessage</c> with where its octets go.</summary>
    public sealed record BeginMessage(long Size) : ImapEffect;

    /// <summary>All octets are written: make them durable. Answered by <c>ImapSession.Answer(SpooledMessage)</c>, null when that failed.</summary>
    public sealed record CommitMessage : ImapEffect;

    /// <summary>Forget the message that was begun.</summary>
    public sealed record DiscardMessage : ImapEffect;

    /// <summary>Send a range of a message as it is.</summary>
    public sealed record SendContent(MessageContent Content, long Offset, long Count) : ImapEffect;

    /// <summary>Let the client take what was written so far before more is made.</summary>
    public sealed record Flush : ImapEffect;

    /// <summary>Flush and close the connection.</summary>
    public sealed record Close : ImapEffect;

    /// <summary>Never handed out: a command waits for more of the client's octets.</summary>
    internal sealed record NeedInput : ImapEffect;
}
