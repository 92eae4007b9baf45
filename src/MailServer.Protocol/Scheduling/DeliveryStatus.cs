using MailServer.Domain.Addresses;

namespace MailServer.Protocol.Scheduling;

/// <summary>SCHEDULE-STATUS (RFC 6638 §3.2.9, §7.3): how far a message came, written beside the one it was for.</summary>
public static class DeliveryStatus
{
    /// <summary>It was sent; nothing says yet whether it arrived.</summary>
    public const string Sent = "1.1";

    /// <summary>It lies with the recipient.</summary>
    public const string Delivered = "1.2";

    public const string InvalidUser = "3.7";

    public const string NoAuthority = "3.8";

    public const string NoService = "5.1";

    /// <summary>The text with the statuses of attendees (after a request) or of the organizer (after an answer); null when nothing changes.</summary>
    public static byte[]? Write(SchedulingObject stored, IReadOnlyDictionary<EmailAddress, string> statuses)
    {
        ArgumentNullException.ThrowIfNull(stored);
        var changed = false;
        var root = ComponentDraft.Of(stored.Calendar.Root);
        foreach (var component in root.Components)
        {
            foreach (var property in new[] { "ATTENDEE", "ORGANIZER" })
            {
                component.Change(property, line =>
                {
                    // What was answered to the organizer says ORGANIZER, what each attendee was sent says ATTENDEE.
                    if (CalendarAddress.Parse(line.Text) is not { } user || user.Equals(stored.Organizer) != (property == "ORGANIZER") || !statuses.TryGetValue(user, out var status) || line.Parameter("SCHEDULE-STATUS") == status) return line;
                    changed = true;
                    return ComponentDraft.With(line, "SCHEDULE-STATUS", status);
                });
            }
        }

        return changed ? root.ToBytes() : null;
    }
}
