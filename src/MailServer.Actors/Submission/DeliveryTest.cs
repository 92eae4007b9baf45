using System.Buffers;
using System.Globalization;
using System.Text;
using Akka.Actor;
using MailServer.Domain.Accounts;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Submission;

/// <summary>Sends a message from an address of this server to any other one, the way a user's message is sent, so that its trace tells whether mail gets there.</summary>
/// <param name="system">The actor system, whose router takes the messages.</param>
/// <param name="spool">Stores them.</param>
/// <param name="directory">The addresses of this server.</param>
/// <param name="hostname">The server's host name.</param>
/// <param name="time">The time source.</param>
public sealed class DeliveryTest(ActorSystem system, MessageSpool spool, IDirectory directory, string hostname, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Whether mail to an address reaches a mailbox here, so that it gets the answers and bounces.</summary>
    public async Task<bool> IsOwnAsync(EmailAddress address, CancellationToken cancel) => await directory.ResolveAsync(address, cancel) is RecipientResolution.Local or RecipientResolution.Alias;

    /// <summary>Sends the message. Returns its id, under which it has a trace, and the reply of the server.</summary>
    /// <param name="from">The sender, an address of this server. It gets a bounce if the message cannot be delivered.</param>
    /// <param name="to">The recipient.</param>
    /// <param name="cancel">Ends the waiting for the reply.</param>
    public async Task<(SpoolId Message, SmtpReply Reply)> SendAsync(EmailAddress from, EmailAddress to, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        var content = spool.Begin();
        var now = time.GetUtcNow();
        var date = now.ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        var head = $"From: {from}\r\nTo: {to}\r\nSubject: Delivery test of {hostname}\r\nDate: {date}\r\nMessage-ID: <{content.Id.Value}.test@{hostname}>\r\n"
            + "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
        var text = $"This message is a test of delivery from the server {hostname}.\r\nAn administrator of the server has sent it. You can delete it.\r\n";
        content.Write(Encoding.UTF8.GetBytes(head + text));
        var needsUtf8 = !Ascii.IsValid(to.Local) || !Ascii.IsValid(from.Local);
        var transaction = OwnTransaction.OfOurs(hostname, content.Id, to, needsUtf8) with { Sender = from };
        return (content.Id, await system.ActorSelection(DeliveryProtocol.Entrance).Ask<SmtpReply>(new DeliveryProtocol.Accept(transaction, content), Patience, cancel));
    }
}
