using Akka.Actor;
using MailServer.Domain.Delivery;
using MailServer.Domain.Messages;
using MailServer.Storage.Spool;

namespace MailServer.Actors.Submission;

/// <summary>What sessions ask of the delivery router of their node.</summary>
public static class DeliveryProtocol
{
    /// <summary>The name of the router.</summary>
    internal const string RouterName = "delivery";

    /// <summary>Where messages enter, for those that start before the router.</summary>
    internal const string Entrance = "/user/" + RouterName;

    /// <summary>Take responsibility for a message, or refuse. Answered with an <see cref="SmtpReply"/>, positive only when it is durable everywhere.</summary>
    public sealed record Accept(MailTransaction Transaction, SpoolBuffer Content) : INoSerializationVerificationNeeded;

    /// <summary>Make a message durable in the spool as it is (APPEND). Answered with <see cref="Spooled"/>.</summary>
    public sealed record Spool(SpoolBuffer Content) : INoSerializationVerificationNeeded;

    /// <summary>Null when the disk refused.</summary>
    public sealed record Spooled(SpooledMessage? Message);
}
