using MailServer.Domain.Collections;
using MailServer.Protocol.Scheduling;

namespace MailServer.Actors.Collections;

/// <summary>Converts iTIP messages to and from their stored form.</summary>
internal static class SchedulingMessageConversion
{
    public static SchedulingMessage ToStored(this ItipMessage message, DateTimeOffset now) =>
        new(0, message.Method.ToString().ToUpperInvariant(), message.Sender, message.Recipient, message.Uid, message.Body, now);

    public static ItipMessage ToItip(this SchedulingMessage message) =>
        new(Enum.Parse<ItipMethod>(message.Method, ignoreCase: true), message.Sender, message.Recipient, message.Uid, message.Body);
}
