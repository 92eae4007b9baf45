using System.Diagnostics.CodeAnalysis;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>An iTIP message as it came: its method, and the object it is about, as it could be stored.</summary>
public sealed class ReceivedMessage
{
    /// <summary>For answers and cancellations, which need not say when the event is.</summary>
    private const string AnyTime = "DTSTART:19700101T000000Z";

    /// <summary>More than anybody answers at once; each costs a look through what is stored.</summary>
    private const int MaxComponents = 1_000;

    private ReceivedMessage(ItipMethod method, CalendarObject calendar, EmailAddress organizer, IReadOnlyList<EmailAddress> attendees)
    {
        (Method, Calendar, Organizer, Attendees) = (method, calendar, organizer, attendees);
        Revision = MessageDraft.RevisionOf(calendar);
    }

    public ItipMethod Method { get; }

    public CalendarObject Calendar { get; }

    public EmailAddress Organizer { get; }

    public IReadOnlyList<EmailAddress> Attendees { get; }

    public ItipRevision Revision { get; }

    public static bool TryParse(ReadOnlyMemory<byte> body, [NotNullWhen(true)] out ReceivedMessage? message)
    {
        message = null;
        if (!ContentTree.TryRead(body, CalendarLimits.Default.Content, out var roots, out _) || roots is not [{ Name: "VCALENDAR" }]) return false;
        if (!TryReadMethod(roots[0], out var method)) return false;
        var root = ComponentDraft.Of(roots[0]);
        root.Remove("METHOD");
        foreach (var component in root.Components.Where(c => c.Name == "VEVENT" && c.Line("DTSTART") is null)) component.Add(AnyTime);
        if (!CalendarObject.TryParse(root.ToBytes(), CalendarLimits.Default, out var calendar, out _)) return false;
        if (calendar.Components.Count > MaxComponents) return false;
        // RFC 5546 asks and answers about nothing else; free times are asked for over CalDAV alone.
        if (calendar.Component is not ("VEVENT" or "VTODO")) return false;
        // Two organizers, or one whom we cannot read, are a message of which others may think otherwise than we do.
        if (calendar.Components.Any(c => c.Content.LinesNamed("ORGANIZER").Count() > 1)) return false;
        EmailAddress?[] organizers = [.. calendar.Components.SelectMany(c => c.Content.LinesNamed("ORGANIZER")).Select(l => CalendarAddress.Parse(l.Text)).Distinct()];
        EmailAddress[] attendees = [.. calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Select(l => CalendarAddress.Parse(l.Text)).OfType<EmailAddress>().Distinct()];
        if (organizers is not [{ } organizer]) return false;
        message = new ReceivedMessage(method, calendar, organizer, attendees);
        return true;
    }

    /// <summary>
    /// Only the organizer may ask and cancel, only an attendee may answer, for themselves (RFC 5546 §6.1). Beside the one who answers only those may be
    /// named who delegated to them, or to whom they delegate (§4.2.5, §4.2.6).
    /// </summary>
    public bool MayComeFrom(EmailAddress sender)
    {
        if (Method is not (ItipMethod.Reply or ItipMethod.Refresh)) return Organizer.Equals(sender);
        var others = Calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Where(l => !sender.Equals(CalendarAddress.Parse(l.Text)));
        return Attendees.Contains(sender) && others.All(l => Delegation.To(l).Contains(sender) || Delegation.From(l).Contains(sender));
    }

    /// <summary>The name alone: not a number, nor a list.</summary>
    private static bool TryReadMethod(ContentComponent root, out ItipMethod method)
    {
        var name = root.Line("METHOD")?.Text.Trim();
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

/// <summary>What a received message does to what is stored.</summary>
public abstract record Incoming
{
    private Incoming() { }

    /// <summary>It is not for this user, not from who may say it, or overtaken.</summary>
    public sealed record Ignored(string Reason) : Incoming
    {
        /// <summary>Not merely overtaken: the sender has no say in it.</summary>
        public bool IsRefusal { get; init; }
    }

    internal static Ignored Refused(string reason) => new(reason) { IsRefusal = true };

    /// <summary>Nothing is new: it was applied before.</summary>
    public sealed record Unchanged : Incoming
    {
        public static Unchanged Instance { get; } = new();
    }

    /// <param name="Text">The object as it is to be stored.</param>
    public sealed record Changed(byte[] Text) : Incoming;

    /// <summary>Someone who attends wants to have it all again.</summary>
    public sealed record Asked(EmailAddress Attendee) : Incoming;
}
