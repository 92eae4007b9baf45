using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Scheduling;

/// <summary>
/// What a received message does to what is stored, by who sent it (RFC 5546 §6.1). A message claims; who is organizer, attendee or delegate the stored
/// object says, and only the first request of an object, of which nothing is stored, is believed about itself.
/// </summary>
public static class SchedulingInbox
{
    /// <param name="message">As it came.</param>
    /// <param name="sender">Who sent it, verified.</param>
    /// <param name="stored">The object of its UID; null when there is none.</param>
    /// <param name="known">The last message that was applied to an attendee's copy.</param>
    /// <param name="isMine">The addresses of the account.</param>
    public static Incoming Apply(ReceivedMessage message, EmailAddress sender, SchedulingObject? stored, ItipRevision? known, Func<EmailAddress, bool> isMine)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!message.MayComeFrom(sender)) return Incoming.Refused("not the sender's to say");
        return message.Method is ItipMethod.Reply or ItipMethod.Refresh
            ? OrganizerInbox.Apply(message, sender, stored, isMine)
            : AttendeeInbox.Apply(message, stored, known, isMine);
    }
}
