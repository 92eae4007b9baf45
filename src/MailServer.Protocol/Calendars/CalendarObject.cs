using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// A calendar object resource (RFC 4791 §4.1): one component with its overrides, and the octets it was read from, which are never rewritten.
/// It can be shared between threads.
/// </summary>
public sealed class CalendarObject
{
    private readonly CalendarLimits _limits;
    private IndexRange? _index;

    internal CalendarObject(ReadOnlyMemory<byte> text, ContentComponent root, ObjectTimeZones zones, IReadOnlyList<CalendarComponent> components, CalendarLimits limits)
    {
        _limits = limits;
        Text = text;
        Root = root;
        Zones = zones;
        Components = components;
        Uid = components[0].Text("UID")!;
    }

    /// <summary>The stored octets.</summary>
    public ReadOnlyMemory<byte> Text { get; }

    public string Uid { get; }

    /// <summary>VEVENT, VTODO, VJOURNAL, VFREEBUSY or VAVAILABILITY.</summary>
    public string Component => Components[0].Name;

    /// <summary>SUMMARY of the component itself, or of its first override.</summary>
    public string? Summary => Main.Text("SUMMARY");

    /// <summary>Nothing in it is before this moment in any time zone: the resource can only overlap ranges that end at or after it.</summary>
    public DateTimeOffset FirstUtc => Index.First;

    /// <summary>Nothing in it is after this moment in any time zone; null when it has no end.</summary>
    public DateTimeOffset? LastUtc => Index.Last;

    /// <summary>All instances of an event in seconds of Unix time, in order; null when they are too many, or depend on who looks.</summary>
    public IReadOnlyList<(long Start, long End)>? KnownInstances => Index.Instances;

    public bool HasRecurrence => Components.Any(c => c.IsRecurring || c.RecurrenceId is not null);

    /// <summary>The calendar address of the organizer, as written.</summary>
    public string? Organizer => Main.Content.Line("ORGANIZER")?.Text;

    /// <summary>The calendar addresses of all attendees, overrides included, once each.</summary>
    public IReadOnlyList<string> Attendees =>
        [.. Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Select(l => l.Text).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>VCALENDAR with everything in it.</summary>
    public ContentComponent Root { get; }

    internal IReadOnlyList<CalendarComponent> Components { get; }

    internal ObjectTimeZones Zones { get; }

    internal CalendarLimits Limits => _limits;

    /// <summary>Counting all instances is dear, and only storing an object asks for it. Two threads would find the same.</summary>
    private IndexRange Index => _index ??= new IndexRange(Components, this);

    private CalendarComponent Main => Components.FirstOrDefault(c => c.RecurrenceId is null) ?? Components[0];

    /// <summary>Reads one resource; <paramref name="fault"/> names the precondition that it fails.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> text, CalendarLimits limits, [NotNullWhen(true)] out CalendarObject? calendar, [NotNullWhen(false)] out CalendarFault? fault) =>
        CalendarObjectReader.TryRead(text, limits, out calendar, out fault);

    /// <summary>RFC 4791 §9.9: an instance of the component overlaps the range. Dates and floating times are in <paramref name="floating"/>.</summary>
    public bool Overlaps(TimeRange range, CalendarTimeZone floating) => Overlapping(range, floating).Any();

    /// <summary>The components, overrides among them, of which an instance overlaps the range; some may come more than once.</summary>
    internal IEnumerable<CalendarComponent> Overlapping(TimeRange range, CalendarTimeZone floating)
    {
        var budget = NewBudget();
        foreach (var instance in Instances(floating, budget).Near(range.From, range.To))
        {
            if (Overlap.Holds(instance, range, floating))
                yield return instance.Component;
        }

        // What could not be counted to the end may be in the range: better shown than lost.
        if (budget.Exhausted && Components.Any(c => c.Rules.Any(r => r.Count is not null)))
            yield return Main;
    }

    /// <summary>The alarms that go off in the range.</summary>
    internal IEnumerable<ContentComponent> AlarmsIn(TimeRange range, CalendarTimeZone floating)
    {
        var alarms = Components.SelectMany(c => c.Alarms).ToArray();
        if (alarms.Length == 0)
            yield break;
        var reach = alarms.Max(a => a.Reach);
        foreach (var instance in Instances(floating, NewBudget()).Near(range.From.Minus(reach), range.To.Plus(reach)))
        {
            foreach (var alarm in instance.Component.Alarms)
            {
                if (alarm.GoesOffIn(range, instance.StartUtc, instance.EndUtc ?? instance.StartUtc))
                    yield return alarm.Content;
            }
        }
    }

    internal InstanceSet Instances(CalendarTimeZone floating, WorkBudget budget) => new(Components, floating, budget);

    internal WorkBudget NewBudget() => new(_limits.MaxRecurrenceWork);
}
