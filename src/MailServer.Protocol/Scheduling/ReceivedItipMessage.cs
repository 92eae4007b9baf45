using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>A received iTIP message: the method, and the object in a form that could be stored.</summary>
public sealed class ReceivedItipMessage
{
    /// <summary>A placeholder for replies and cancellations, which may omit DTSTART.</summary>
    private const string AnyTime = "DTSTART:19700101T000000Z";

    /// <summary>The largest number of components in one message: each one requires a search of the stored object.</summary>
    private const int MaxComponents = 1_000;

    private ReceivedItipMessage(ItipMethod method, CalendarObject calendar, EmailAddress organizer, IReadOnlyList<EmailAddress> attendees)
    {
        (Method, Calendar, Organizer, Attendees) = (method, calendar, organizer, attendees);
        Revision = ItipMessageWriter.RevisionOf(calendar);
    }

    public ItipMethod Method { get; }

    public CalendarObject Calendar { get; }

    public EmailAddress Organizer { get; }

    public IReadOnlyList<EmailAddress> Attendees { get; }

    public ItipRevision Revision { get; }

    /// <summary>
    /// True unless the message would store an object that a client may not store either, such as one that ends before it starts. Replies and cancellations
    /// only change objects that are stored already.
    /// </summary>
    public bool FollowsRules => !IsToBeStored(Method) || CalendarRules.TryCheck(Calendar, out _);

    public static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ReceivedItipMessage? message)
    {
        message = null;
        if (!ContentComponentParser.TryRead(body, CalendarLimits.Default.Content, out var roots, out _) || roots is not [{ Name: "VCALENDAR" }]) return false;
        if (!TryReadMethod(roots[0], out var method)) return false;
        var root = EditableComponent.Of(roots[0]);
        root.Remove("METHOD");
        if (!IsToBeStored(method))
            foreach (var component in root.Components.Where(c => c.Name == "VEVENT" && c.Line("DTSTART") is null)) component.Add(AnyTime);
        if (!CalendarObject.TryParse(root.ToBytes(), CalendarLimits.Default, out var calendar, out _)) return false;
        if (calendar.Components.Count > MaxComponents) return false;
        // Only events and tasks are supported in messages; free-busy requests are only accepted over CalDAV.
        if (calendar.Component is not ("VEVENT" or "VTODO")) return false;
        // Reject several or unreadable organizers: other implementations might interpret the message differently.
        if (calendar.Components.Any(c => c.Content.LinesNamed("ORGANIZER").Count() > 1)) return false;
        EmailAddress?[] organizers = [.. calendar.Components.SelectMany(c => c.Content.LinesNamed("ORGANIZER")).Select(l => CalendarUserAddress.Parse(l.Text)).Distinct()];
        EmailAddress[] attendees = [.. calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Select(l => CalendarUserAddress.Parse(l.Text)).OfType<EmailAddress>().Distinct()];
        if (organizers is not [{ } organizer]) return false;
        message = new ReceivedItipMessage(method, calendar, organizer, attendees);
        return true;
    }

    private static bool IsToBeStored(ItipMethod method) => method is ItipMethod.Request or ItipMethod.Add;

    /// <summary>
    /// True if the sender may send the message: only the organizer may request and cancel, and attendees may only reply for themselves (RFC 5546 §6.1).
    /// A reply may also list the attendees who delegated to the sender and the sender's delegates (§4.2.5, §4.2.6).
    /// </summary>
    public bool IsAuthorizedSender(EmailAddress sender)
    {
        if (Method is not (ItipMethod.Reply or ItipMethod.Refresh)) return Organizer.Equals(sender);
        var others = Calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Where(l => !sender.Equals(CalendarUserAddress.Parse(l.Text)));
        return Attendees.Contains(sender) && others.All(l => Delegation.To(l).Contains(sender) || Delegation.From(l).Contains(sender));
    }

    /// <summary>Parses the name of a method. Unlike Enum.TryParse it does not accept numbers or lists.</summary>
    private static bool TryReadMethod(ContentComponent root, out ItipMethod method)
    {
        var name = root.TextOf("METHOD")?.Trim();
        method = default;
        foreach (var known in Enum.GetValues<ItipMethod>())
        {
            if (!known.ToString().Equals(name, StringComparison.OrdinalIgnoreCase)) continue;
            method = known;
            return true;
        }

        return false;
    }
}

/// <summary>The effect of a received message on the stored object.</summary>
public abstract record ItipOutcome
{
    private ItipOutcome() { }

    /// <summary>The message is ignored: it is for another user, the sender is not authorized, or it is outdated.</summary>
    public sealed record Ignored(string Reason) : ItipOutcome
    {
        /// <summary>True if the sender is not authorized; false if the message is only outdated or irrelevant.</summary>
        public bool IsRefusal { get; init; }
    }

    internal static Ignored Refused(string reason) => new(reason) { IsRefusal = true };

    /// <summary>The message changes nothing, because it was applied before.</summary>
    public sealed record Unchanged : ItipOutcome
    {
        public static Unchanged Instance { get; } = new();
    }

    /// <param name="Text">The new object to store.</param>
    public sealed record Changed(byte[] Text) : ItipOutcome;

    /// <summary>An attendee requests the current state (REFRESH).</summary>
    public sealed record RefreshRequested(EmailAddress Attendee) : ItipOutcome;
}
