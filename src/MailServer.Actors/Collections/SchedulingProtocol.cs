using Akka.Actor;

namespace MailServer.Actors.Collections;

/// <summary>Messages from the actor that delivers a scheduling message to the collections actor that sent it.</summary>
internal static class SchedulingProtocol
{
    /// <summary>Delivery has finished with this SCHEDULE-STATUS.</summary>
    public sealed record MessageFinished(long Message, string Status) : INoSerializationVerificationNeeded;

    /// <summary>Delivery will be retried: replies must not wait for it.</summary>
    public sealed record MessageDelayed(long Message) : INoSerializationVerificationNeeded;
}
