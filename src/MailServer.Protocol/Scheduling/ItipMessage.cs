using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Scheduling;

/// <summary>The methods of iTIP (RFC 5546 §1.4) that servers act on.</summary>
public enum ItipMethod
{
    Request,
    Reply,
    Cancel,
    Add,
    Refresh,
}

/// <summary>One message of one calendar user to another.</summary>
/// <param name="Method">What it asks.</param>
/// <param name="Sender">The organizer, or the attendee that answers.</param>
/// <param name="Recipient">Whom it is for.</param>
/// <param name="Uid">Which object it is about.</param>
/// <param name="Body">A VCALENDAR with its METHOD.</param>
public sealed record ItipMessage(ItipMethod Method, EmailAddress Sender, EmailAddress Recipient, string Uid, ReadOnlyMemory<byte> Body);

/// <summary>What follows from a change of a calendar user's own object.</summary>
/// <param name="Messages">To be sent once the change is durable.</param>
/// <param name="Body">What is to be stored; null where that is just what the client sent.</param>
public sealed record SchedulingPlan(IReadOnlyList<ItipMessage> Messages, byte[]? Body)
{
    public static SchedulingPlan Nothing { get; } = new([], null);
}
