using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;

namespace MailServer.Protocol.Scheduling;

/// <summary>
/// Applies a received iTIP message to the stored object if the sender is authorized (RFC 5546 §6.1). The stored object decides who is organizer,
/// attendee or delegate. Only the first REQUEST of an unknown object is trusted for this.
/// </summary>
public static class ItipProcessor
{
    /// <param name="message">The received message.</param>
    /// <param name="sender">The verified sender.</param>
    /// <param name="stored">The stored object with the same UID; null if there is none.</param>
    /// <param name="known">The revision of the last message that was applied to an attendee's copy.</param>
    /// <param name="isMine">Tests whether an address belongs to the account.</param>
    public static ItipOutcome Apply(ReceivedItipMessage message, EmailAddress sender, SchedulingObject? stored, ItipRevision? known, Func<EmailAddress, bool> isMine)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!message.IsAuthorizedSender(sender)) return ItipOutcome.Refused("the sender is not authorized");
        return message.Method is ItipMethod.Reply or ItipMethod.Refresh
            ? OrganizerItipProcessor.Apply(message, sender, stored, isMine)
            : AttendeeItipProcessor.Apply(message, stored, known, isMine);
    }
}
