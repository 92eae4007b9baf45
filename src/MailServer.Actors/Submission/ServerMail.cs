using System.Buffers;
using System.Globalization;
using System.Text;
using Akka.Actor;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Submission;

/// <summary>Sends short texts that the server writes itself.</summary>
/// <param name="system">The actor system, whose router takes the messages.</param>
/// <param name="spool">Stores them.</param>
/// <param name="hostname">The server's host name.</param>
/// <param name="time">The time source.</param>
internal sealed class ServerMail(ActorSystem system, MessageSpool spool, string hostname, TimeProvider time)
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);

    /// <summary>Sends one message. Returns the router's reply: positive if the message is delivered or queued.</summary>
    /// <param name="kind">Part of the message's id.</param>
    /// <param name="from">The field From.</param>
    /// <param name="sender">Who gets a bounce; null: nobody.</param>
    /// <param name="to">The recipient.</param>
    /// <param name="subject">The subject.</param>
    /// <param name="text">The text, with LF or CRLF at the end of each line.</param>
    /// <param name="cancel">Ends the waiting for the reply.</param>
    public async Task<SmtpReply> SendAsync(string kind, string from, EmailAddress? sender, EmailAddress to, string subject, string text, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(text);
        var content = spool.Begin();
        var date = time.GetUtcNow().ToString("ddd, dd MMM yyyy HH:mm:ss '+0000'", CultureInfo.InvariantCulture);
        // RFC 3834 §5: no automatic reply is wanted.
        var head = $"From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{content.Id.Value}.{kind}@{hostname}>\r\n"
            + "Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
        content.Write(Encoding.UTF8.GetBytes(head + text.Replace("\r", "", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal)));
        var transaction = OwnTransaction.OfOurs(hostname, content.Id, to, !Ascii.IsValid(to.Local) || !Ascii.IsValid(sender?.Local ?? ""));
        if (sender is not null) transaction = transaction with { Sender = sender };
        return await system.ActorSelection(DeliveryProtocol.Entrance).Ask<SmtpReply>(new DeliveryProtocol.Accept(transaction, content), Patience, cancel);
    }
}
