using System.Globalization;
using System.Text;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Scheduling;

/// <summary>Writes the text of an iTIP message for mail clients without calendar support.</summary>
public static class InvitationText
{
    private const int MaxDescription = 4_000;

    public static string Subject(ReceivedItipMessage message, string? participation) => $"{Kind(message, participation)}: {SummaryOf(message)}";

    public static string Body(ReceivedItipMessage message, string who, string? participation)
    {
        ArgumentNullException.ThrowIfNull(message);
        var text = new StringBuilder();
        text.Append(message.Method switch
        {
            ItipMethod.Reply => $"{who} {Verb(participation)}:",
            ItipMethod.Cancel => $"{who} has cancelled:",
            ItipMethod.Request when IsUpdate(message) => $"{who} has changed an invitation:",
            _ => $"{who} invites you to:",
        }).Append("\n\n");
        foreach (var component in message.Calendar.Components) Append(text, component, isWhole: message.Method == ItipMethod.Request);
        return text.ToString();
    }

    private static string Kind(ReceivedItipMessage message, string? participation) => message.Method switch
    {
        ItipMethod.Cancel => "Cancelled",
        ItipMethod.Reply => participation switch { "ACCEPTED" => "Accepted", "DECLINED" => "Declined", "TENTATIVE" => "Tentatively accepted", _ => "Answer" },
        ItipMethod.Request when IsUpdate(message) => "Updated invitation",
        _ => "Invitation",
    };

    private static string Verb(string? participation) => participation switch
    {
        "ACCEPTED" => "has accepted",
        "DECLINED" => "has declined",
        "TENTATIVE" => "has tentatively accepted",
        "DELEGATED" => "has delegated",
        _ => "has answered the invitation to",
    };

    private static bool IsUpdate(ReceivedItipMessage message) => message.Revision.Sequence > 0;

    private static string SummaryOf(ReceivedItipMessage message) => message.Calendar.Summary?.ReplaceLineEndings(" ").Trim() is { Length: > 0 } summary ? summary : "(no title)";

    private static void Append(StringBuilder text, CalendarComponent component, bool isWhole)
    {
        text.Append(component.Text("SUMMARY") ?? "(no title)").Append('\n');
        if (component.Anchor is { } start) text.Append("When: ").Append(When(component, start)).Append('\n');
        if (component.Content.Line("RRULE") is { } rule) text.Append("Repeats: ").Append(Repeats(rule.Text)).Append('\n');
        if (component.Text("LOCATION") is { Length: > 0 } place) text.Append("Where: ").Append(place).Append('\n');
        if (isWhole && component.Text("DESCRIPTION") is { Length: > 0 } description)
            text.Append('\n').Append(description.Length > MaxDescription ? description[..MaxDescription] : description).Append('\n');
        text.Append('\n');
    }

    private static string When(CalendarComponent component, CalendarTime start)
    {
        var from = start.ToUtc(CalendarTimeZone.Utc);
        var end = new InstanceDuration(component, CalendarTimeZone.Utc).End(start, from, CalendarTimeZone.Utc);
        var zone = start.ZoneOr(CalendarTimeZone.Utc);
        if (start.IsDate)
        {
            var last = (end ?? from).AddDays(-1);
            return Day(start.Local) + (last > start.Local ? " to " + Day(last) : "");
        }

        var name = start.Form switch { CalendarTimeForm.Utc => " UTC", CalendarTimeForm.Zoned => $" ({ZoneOf(component) ?? "local time"})", _ => "" };
        if (end is not { } until || until == from) return $"{Day(start.Local)}, {Clock(start.Local)}{name}";
        var local = start.IsFloating ? until : zone.ToLocal(until);
        return local.Date == start.Local.Date
            ? $"{Day(start.Local)}, {Clock(start.Local)} to {Clock(local)}{name}"
            : $"{Day(start.Local)}, {Clock(start.Local)} to {Day(local)}, {Clock(local)}{name}";
    }

    private static string? ZoneOf(CalendarComponent component) => component.Content.Line("DTSTART") is { } line ? ZoneName.UsedBy(line) : null;

    private static string Repeats(string rule)
    {
        var parts = rule.ToUpperInvariant().Split(';').Select(p => p.Split('=', 2)).Where(p => p.Length == 2).DistinctBy(p => p[0]).ToDictionary(p => p[0], p => p[1], StringComparer.Ordinal);
        var unit = parts.GetValueOrDefault("FREQ") switch { "DAILY" => "day", "WEEKLY" => "week", "MONTHLY" => "month", "YEARLY" => "year", _ => null };
        if (unit is null) return rule;
        var text = parts.GetValueOrDefault("INTERVAL") is { } interval and not "1" ? $"every {interval} {unit}s" : $"every {unit}";
        if (parts.GetValueOrDefault("BYDAY") is { } days) text += $" on {days.Replace(",", ", ", StringComparison.Ordinal)}";
        if (parts.GetValueOrDefault("COUNT") is { } count) text += count == "1" ? ", once" : $", {count} times";
        else if (CalendarValues.TryReadTime(parts.GetValueOrDefault("UNTIL"), out var until, out _)) text += $", until {Day(until)}";
        return text;
    }

    private static string Day(DateTime day) => day.ToString("dddd, d MMMM yyyy", CultureInfo.InvariantCulture);

    private static string Clock(DateTime time) => time.ToString("HH:mm", CultureInfo.InvariantCulture);
}
