using Akka.Actor;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Submission;

/// <summary>Asks an address whether mail may be forwarded to it.</summary>
/// <param name="system">The actor system, whose router takes the messages.</param>
/// <param name="spool">Stores them.</param>
/// <param name="hostname">The server's host name.</param>
/// <param name="time">The time source.</param>
public sealed class ForwardingMail(ActorSystem system, MessageSpool spool, string hostname, TimeProvider time)
{
    private readonly ServerMail _mail = new(system, spool, hostname, time);

    /// <summary>Sends the code. The user gets a bounce if it cannot be delivered.</summary>
    /// <param name="user">Who wants to forward mail.</param>
    /// <param name="to">The address that is asked.</param>
    /// <param name="code">The code that shows that it agrees.</param>
    /// <param name="cancel">Ends the waiting for the reply.</param>
    public Task<SmtpReply> SendAsync(EmailAddress user, EmailAddress to, string code, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(user);
        var text = $"The user {user} would like to forward mail to {to}.\n\nIf you agree, give this code to {user}:\n\n    {code}\n\n"
            + "Nothing is forwarded unless the code is entered. If you do not want this mail, or do not know who asks, you need not do anything.\n";
        return _mail.SendAsync("forwarding", user.ToString(), user, to, $"May {user} forward mail to you?", text, cancel);
    }
}
