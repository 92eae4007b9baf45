using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Scheduling;

/// <summary>A fingerprint of the parts of a component that are relevant to other users. No message is needed if the fingerprint does not change.</summary>
internal static class ComponentFingerprint
{
    /// <summary>Bookkeeping properties, properties private to each user (RFC 6638 §3.2.2.1), and properties that are compared separately.</summary>
    private static readonly HashSet<string> Ignored = new(StringComparer.Ordinal)
    {
        "DTSTAMP", "CREATED", "LAST-MODIFIED", "SEQUENCE", "TRANSP", "CATEGORIES", "CLASS", "COMMENT", "REQUEST-STATUS", "PERCENT-COMPLETE", "COMPLETED",
        "DTSTART", "DTEND", "DUE", "DURATION", "RRULE", "RDATE", "EXRULE", "EXDATE", "RECURRENCE-ID", "ORGANIZER", "ATTENDEE",
    };

    /// <summary>The fingerprint of the times. A change resets the participation status of every attendee (RFC 6638 §3.2.8).</summary>
    public static string OfTimes(CalendarComponent component)
    {
        var parts = new List<string>();
        if (component.Anchor is { } anchor)
        {
            var start = anchor.ToUtc(CalendarTimeZone.Utc);
            parts.Add(anchor.InstanceKey);
            parts.Add(new InstanceDuration(component, CalendarTimeZone.Utc).End(anchor, start, CalendarTimeZone.Utc)?.ToString("s") ?? "");
        }

        if (component.Name == "VTODO" && component.End is { } due) parts.Add("due" + due.InstanceKey);
        parts.AddRange(Rules(component.Content, "RRULE").Concat(Rules(component.Content, "EXRULE")));
        parts.AddRange(component.Dates.Select(d => "r" + d.Start.InstanceKey).Order(StringComparer.Ordinal));
        return string.Join('|', parts);
    }

    /// <summary>The fingerprint of everything except EXDATE.</summary>
    public static string Of(CalendarComponent component)
    {
        var lines = component.Content.Lines
            .Where(l => !Ignored.Contains(l.Name) && !l.Name.StartsWith("X-", StringComparison.Ordinal))
            .Select(l => $"{l.Name}:{ContentText.Unescape(l.Text)}")
            .Concat(component.Content.LinesNamed("ATTENDEE").Select(l => $"ATTENDEE:{CalendarUserAddress.Parse(l.Text)?.Key}:{l.Parameter("ROLE")?.ToUpperInvariant() ?? "REQ-PARTICIPANT"}"))
            .Order(StringComparer.Ordinal);
        return OfTimes(component) + "\n" + string.Join('\n', lines);
    }

    private static IEnumerable<string> Rules(ContentComponent component, string name) => component.LinesNamed(name)
        .Select(l => name + string.Join(';', l.Text.ToUpperInvariant().Split(';', StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)))
        .Order(StringComparer.Ordinal);
}
