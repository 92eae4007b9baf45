using MailServer.Domain.Accounts;
using MailServer.Domain.Mailboxes;

namespace MailServer.Protocol.ManageSieve;

/// <summary>
/// An action that <c>ManageSieveSession</c> requests from its driver. The session hands out one effect at a time and continues when the driver has answered
/// it or, for effects without an answer, performed it. Output written before an effect reaches the client before the effect.
/// </summary>
public abstract record ManageSieveEffect
{
    private ManageSieveEffect() { }

    /// <summary>Send a request about scripts to the mailbox. Answered by <c>ManageSieveSession.Answer(MailboxReply)</c>. The driver records successful changes in the audit log.</summary>
    public sealed record RequestMailbox(MailboxRequest Request) : ManageSieveEffect;

    /// <summary>Authenticate a user. Answered by <c>ManageSieveSession.Answer(AuthenticationReply)</c>.</summary>
    public sealed record Authenticate(AuthenticationRequest Request) : ManageSieveEffect;

    /// <summary>Flush, discard input that the client sent ahead, and start the TLS handshake. Answered by <c>ManageSieveSession.TlsStarted</c>.</summary>
    public sealed record StartTls : ManageSieveEffect;

    /// <summary>Flush and close the connection.</summary>
    public sealed record Close : ManageSieveEffect;

    /// <summary>Internal only: a command waits for more input from the client.</summary>
    internal sealed record NeedInput : ManageSieveEffect;
}
