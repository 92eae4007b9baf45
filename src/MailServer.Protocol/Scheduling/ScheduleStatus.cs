using MailServer.Domain.Addresses;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>SCHEDULE-STATUS (RFC 6638 §3.2.9, §7.3): the delivery status of a message, stored with its recipient.</summary>
public static class ScheduleStatus
{
    /// <summary>The message was sent; its delivery is not confirmed.</summary>
    public const string Sent = "1.1";

    /// <summary>The message was delivered to the recipient.</summary>
    public const string Delivered = "1.2";

    public const string InvalidUser = "3.7";

    public const string NoAuthority = "3.8";

    public const string NoService = "5.1";

    /// <summary>The object with the statuses of attendees (after a request) or of the organizer (after a reply) set; null if nothing changes.</summary>
    public static byte[]? Write(SchedulingObject stored, IReadOnlyDictionary<EmailAddress, string> statuses)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var changed = false;
        var root = EditableComponent.Of(stored.Calendar.Root);
        foreach (var component in root.Components)
        {
            foreach (var property in new[] { "ATTENDEE", "ORGANIZER" })
            {
                component.Change(property, line =>
                {
                    // The status of a reply belongs to ORGANIZER, the status of a request to ATTENDEE.
                    if (CalendarUserAddress.Parse(line.Text) is not { } user || user.Equals(stored.Organizer) != (property == "ORGANIZER") || !statuses.TryGetValue(user, out var status) || line.Parameter("SCHEDULE-STATUS") == status) return line;
                    changed = true;
                    return EditableComponent.With(line, "SCHEDULE-STATUS", status);
                });
            }
        }

        return changed ? root.ToBytes() : null;
    }
}
