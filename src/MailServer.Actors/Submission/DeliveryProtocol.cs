using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Submission;

/// <summary>Messages from sessions to the delivery router of their node.</summary>
public static class DeliveryProtocol
{
    /// <summary>The name of the router.</summary>
    internal const string RouterName = "delivery";

    /// <summary>The path of the router, for actors that start before it.</summary>
    internal const string Entrance = "/user/" + RouterName;

    /// <summary>
    /// Accepts or refuses a message. Answered with an <see cref="SmtpReply"/>, which is positive only when the message is durable for all recipients.
    /// </summary>
    public sealed record Accept(MailTransaction Transaction, SpoolBuffer Content) : INoSerializationVerificationNeeded;

    /// <summary>Stores a message in the spool unchanged (APPEND). Answered with <see cref="Spooled"/>.</summary>
    public sealed record Spool(SpoolBuffer Content) : INoSerializationVerificationNeeded;

    /// <summary>Null when the message could not be written.</summary>
    public sealed record Spooled(SpooledMessage? Message);
}
