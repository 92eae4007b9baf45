using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Scheduling;

/// <summary>The iTIP methods (RFC 5546 §1.4) that the server supports.</summary>
public enum ItipMethod
{
    Request,
    Reply,
    Cancel,
    Add,
    Refresh,
}

/// <summary>An iTIP message from one calendar user to another.</summary>
/// <param name="Method">The method.</param>
/// <param name="Sender">The organizer, or the attendee who replies.</param>
/// <param name="Recipient">The recipient.</param>
/// <param name="Uid">The UID of the calendar object.</param>
/// <param name="Body">A VCALENDAR with its METHOD.</param>
public sealed record ItipMessage(ItipMethod Method, EmailAddress Sender, EmailAddress Recipient, string Uid, ReadOnlyMemory<byte> Body);

/// <summary>The consequences of a change to a scheduling object.</summary>
/// <param name="Messages">The messages to send when the change is durable.</param>
/// <param name="Body">The object to store; null to store what the client sent.</param>
public sealed record SchedulingPlan(IReadOnlyList<ItipMessage> Messages, byte[]? Body)
{
    public static SchedulingPlan Nothing { get; } = new([], null);
}
