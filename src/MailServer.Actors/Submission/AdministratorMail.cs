using Akka.Actor;
using MailServer.Domain.Addresses;
using MailServer.Domain.Delivery;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Submission;

/// <summary>Sends messages of the server itself to its administrators.</summary>
/// <param name="system">The actor system, whose router takes the messages.</param>
/// <param name="spool">Stores them.</param>
/// <param name="hostname">The server's host name.</param>
/// <param name="time">The time source.</param>
public sealed class AdministratorMail(ActorSystem system, MessageSpool spool, string hostname, TimeProvider time)
{
    private readonly ServerMail _mail = new(system, spool, hostname, time);

    /// <summary>Sends one message. Returns the router's reply: positive if the message is delivered or queued.</summary>
    /// <param name="to">The recipient.</param>
    /// <param name="subject">The subject, in ASCII.</param>
    /// <param name="text">The text, with LF at the end of each line.</param>
    /// <param name="cancel">Ends the waiting for the reply.</param>
    public Task<SmtpReply> SendAsync(EmailAddress to, string subject, string text, CancellationToken cancel) =>
        _mail.SendAsync("admin", $"Mail server <postmaster@{hostname}>", null, to, subject, text, cancel);
}
