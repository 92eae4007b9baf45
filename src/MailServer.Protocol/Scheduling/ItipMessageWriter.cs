using System.Globalization;
using MailServer.Domain.Addresses;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>Writes iTIP messages from components: removes data private to the sender and sets a new DTSTAMP (RFC 5546 §2.1.5).</summary>
internal static class ItipMessageWriter
{
    public const string Product = "-//mailserver//EN";

    /// <summary>The DTSTAMP of the last applied reply of an attendee.</summary>
    public const string RepliedAt = "X-REPLIED-AT";

    private static readonly string[] ServerParameters = ["SCHEDULE-AGENT", "SCHEDULE-STATUS", "SCHEDULE-FORCE-SEND", RepliedAt];
    private static readonly string[] Minimal = ["UID", "RECURRENCE-ID", "ORGANIZER", "DTSTART", "DTEND", "DUE", "DURATION", "SUMMARY", "LOCATION", "SEQUENCE"];

    public static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture);

    /// <summary>A copy of the whole component without private data.</summary>
    public static EditableComponent Clean(EditableComponent component, DateTimeOffset now)
    {
        var clean = component.Copy();
        clean.Components.RemoveAll(c => c.Name == "VALARM");
        clean.Lines.RemoveAll(l => l.Name is "REQUEST-STATUS" || l.Name.StartsWith("X-MOZ-", StringComparison.Ordinal) || l.Name.StartsWith("X-LIC-", StringComparison.Ordinal));
        clean.Change("ATTENDEE", CleanUser);
        clean.Change("ORGANIZER", CleanUser);
        clean.Set("DTSTAMP:" + Stamp(now));
        return clean;
    }

    /// <summary>The identifying properties of the component with one attendee, for a REPLY or CANCEL.</summary>
    public static EditableComponent Brief(EditableComponent component, ContentLine attendee, DateTimeOffset now)
    {
        var brief = new EditableComponent(component.Name);
        brief.Lines.AddRange(component.Lines.Where(l => Array.IndexOf(Minimal, l.Name) >= 0));
        brief.Change("ORGANIZER", CleanUser);
        brief.Lines.Add(CleanUser(attendee));
        brief.Set("DTSTAMP:" + Stamp(now));
        return brief;
    }

    /// <summary>Like <see cref="Brief"/>, for one instance of a recurring component.</summary>
    public static EditableComponent BriefInstance(EditableComponent component, InstanceId instance, ContentLine attendee, DateTimeOffset now)
    {
        var brief = Brief(component, attendee, now);
        brief.Remove("DTSTART", "DTEND", "DUE", "DURATION", "RECURRENCE-ID");
        brief.Lines.Add(instance.ToLine("RECURRENCE-ID"));
        brief.Lines.Add(instance.ToLine("DTSTART"));
        return brief;
    }

    /// <summary>Writes a VCALENDAR with <paramref name="components"/> and the time zones that they use.</summary>
    public static ItipMessage Write(
        ItipMethod method, EmailAddress sender, EmailAddress recipient, CalendarObject about, IReadOnlyCollection<EditableComponent> components)
    {
        var root = new EditableComponent("VCALENDAR");
        root.Add("PRODID:" + Product);
        root.Add("VERSION:2.0");
        root.Add("METHOD:" + method.ToString().ToUpperInvariant());
        root.Components.AddRange(components);
        MissingZones.Add(root, about.Root);
        return new ItipMessage(method, sender, recipient, about.Uid, root.ToBytes());
    }

    public static int Sequence(CalendarComponent component) => Sequence(component.Content.Line("SEQUENCE"));

    public static int Sequence(ContentLine? line) => int.TryParse(line?.Text, CultureInfo.InvariantCulture, out var sequence) ? sequence : 0;

    public static ItipRevision RevisionOf(CalendarObject calendar)
    {
        var stamps = calendar.Components.Select(c => CalendarValues.TryReadTime(c.Content.Line("DTSTAMP")?.Text, out var time, out _) ? new DateTimeOffset(time, TimeSpan.Zero).ToUnixTimeSeconds() : 0);
        return new ItipRevision(calendar.Components.Max(Sequence), stamps.Max());
    }

    /// <summary>
    /// Removes from a received component what only the recipient may set: alarms, and parameters that control the recipient's server (RFC 6638 §7).
    /// </summary>
    public static void RemoveRecipientData(EditableComponent component)
    {
        component.Components.RemoveAll(c => c.Name == "VALARM");
        component.Change("ATTENDEE", CleanUser);
        component.Change("ORGANIZER", CleanUser);
    }

    private static ContentLine CleanUser(ContentLine line) => EditableComponent.Without(line, ServerParameters);
}
