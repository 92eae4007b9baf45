using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Mailboxes;
using MailServer.Domain.Messages;
using MailServer.Protocol.Imap.Names;

namespace MailServer.Protocol.Imap;

/// <summary>
/// An action that <c>ImapSession</c> requests from its driver. The session hands out one effect at a time and continues when the driver has answered
/// it or, for effects without an answer, performed it. Output written before an effect reaches the client before the effect.
/// </summary>
public abstract record ImapEffect
{
    private ImapEffect() { }

    /// <summary>Send a request to the mailbox. Answered by <c>ImapSession.Answer(MailboxReply)</c>.</summary>
    public sealed record RequestMailbox(MailboxRequest Request) : ImapEffect
    {
        /// <summary>
        /// The owner of the mailbox; null for the account of the session. If the owner shares nothing with the account, or does not exist, the answer is a refusal, the same in both cases (<see
        /// cref="MissingOwner"/>).
        /// </summary>
        public MailboxOwner? Owner { get; init; }

        /// <summary>The request is for the mailbox of <see cref="Owner"/>, whichever folder is selected. Otherwise the session finds out whose mailbox it is for.</summary>
        public bool IsPlaced { get; init; }
    }

    /// <summary>Find the mailboxes that may share folders with the account. Answered by <c>ImapSession.AnswerSharers</c>.</summary>
    public sealed record ListSharers : ImapEffect;

    /// <summary>Find the account of an address, which may be an alias. Answered by <c>ImapSession.AnswerGuest</c>, with null if there is none.</summary>
    public sealed record FindGuest(EmailAddress Address) : ImapEffect;

    /// <summary>The refusal of a request to a mailbox that shares nothing with the account: the one for a folder that does not exist.</summary>
    public static MailboxReply MissingOwner(MailboxRequest request) => new MailboxReply.Refused(request switch
    {
        MailboxRequest.Append or MailboxRequest.AppendAll or MailboxRequest.Copy or MailboxRequest.Replace => MailboxRefusal.NoSuchTarget,
        MailboxRequest.CreateFolder => MailboxRefusal.NoPermission,
        _ => MailboxRefusal.NoSuchFolder,
    });

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
