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

    private ReceivedMessage(ItipMethod method, CalendarObject calendar, EmailAddress organizer, IReadOnlyList<EmailAddress> attendees)
    {
        (Method, Calendar, Organizer, Attendees) = (method, calendar, organizer, attendees);
        var stamps = calendar.Components.Select(c => CalendarValues.TryReadTime(c.Content.Line("DTSTAMP")?.Text, out var time, out _) ? new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds() : 0);
        Revision = new ItipRevision(calendar.Components.Max(MessageDraft.Sequence), stamps.Max());
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
        if (!Enum.TryParse<ItipMethod>(roots[0].Line("METHOD")?.Text.Trim(), ignoreCase: true, out var method) || !Enum.IsDefined(method)) return false;
        var root = ComponentDraft.Of(roots[0]);
        root.Remove("METHOD");
        foreach (var component in root.Components.Where(c => c.Name == "VEVENT" && c.Line("DTSTART") is null)) component.Add(AnyTime);
        if (!CalendarObject.TryParse(root.ToBytes(), CalendarLimits.Default, out var calendar, out _)) return false;
        EmailAddress[] organizers = [.. calendar.Components.Select(c => CalendarAddress.Parse(c.Content.Line("ORGANIZER")?.Text)).OfType<EmailAddress>().Distinct()];
        EmailAddress[] attendees = [.. calendar.Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Select(l => CalendarAddress.Parse(l.Text)).OfType<EmailAddress>().Distinct()];
        if (organizers is not [var organizer]) return false;
        message = new ReceivedMessage(method, calendar, organizer, attendees);
        return true;
    }

    /// <summary>Only the organizer may ask and cancel, only the one attendee who answers may answer (RFC 5546 §6.1).</summary>
    public bool MayComeFrom(EmailAddress sender) => Method is ItipMethod.Reply or ItipMethod.Refresh
        ? Attendees is [var only] && only.Equals(sender)
        : Organizer.Equals(sender);
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
