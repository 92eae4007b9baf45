using Akka.Actor;

namespace MailServer.Actors.Collections;

/// <summary>What the one who carries a message tells the calendars that sent it.</summary>
internal static class SchedulingProtocol
{
    /// <summary>The message has come to its end, with this SCHEDULE-STATUS.</summary>
    public sealed record Ended(long Message, string Status) : INoSerializationVerificationNeeded;

    /// <summary>It will be tried again: nobody should wait for it.</summary>
    public sealed record Delayed(long Message) : INoSerializationVerificationNeeded;
}
