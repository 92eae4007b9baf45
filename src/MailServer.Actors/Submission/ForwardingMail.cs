using System.Buffers;
using System.Globalization;
using System.Text;
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
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Sends the code. The user gets a bounce if it cannot be delivered.</summary>
    /// <param name="user">Who wants to forward mail.</param>
    /// <param name="to">The address that is asked.</param>
    /// <param name="code">The code that shows that it agrees.</param>
    /// <param name="cancel">Ends the waiting for the reply.</param>
    public async Task<SmtpReply> SendAsync(EmailAddress user, EmailAddress to, string code, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(user);
        ArgumentNullException.ThrowIfNull(to);
        var content = spool.Begin();
        var date = time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        var head = $"From: {user}\r\nTo: {to}\r\nSubject: May {user} forward mail to you?\r\nDate: {date}\r\nMessage-ID: <{content.Id.Value}.forwarding@{hostname}>\r\n"
            + "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
        var text = $"The user {user} would like to forward mail to {to}.\r\n\r\nIf you agree, give this code to {user}:\r\n\r\n    {code}\r\n\r\n"
            + "Nothing is forwarded unless the code is entered. If you do not want this mail, or do not know who asks, you need not do anything.\r\n";
        content.Write(Encoding.UTF8.GetBytes(head + text));
        var needsUtf8 = !Ascii.IsValid(to.Local) || !Ascii.IsValid(user.Local);
        var transaction = OwnTransaction.OfOurs(hostname, content.Id, to, needsUtf8) with { Sender = user };
        return await system.ActorSelection(DeliveryProtocol.Entrance).Ask<SmtpReply>(new DeliveryProtocol.Accept(transaction, content), Patience, cancel);
    }
}
