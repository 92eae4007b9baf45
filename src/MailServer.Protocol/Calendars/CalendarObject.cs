using System.Diagnostics.CodeAnalysis;
using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;
using MailServer.Protocol.ContentLines;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// A calendar object resource (RFC 4791 §4.1): one component with its overrides, and the octets it was parsed from, which are never rewritten.
/// Instances are safe to share between threads.
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

    /// <summary>The SUMMARY of the master component, or of the first override if there is no master.</summary>
    public string? Summary => Main.Text("SUMMARY");

    /// <summary>A lower bound of all times in the object, in any time zone. The resource can only overlap ranges that end at or after it.</summary>
    public DateTimeOffset FirstUtc => Index.First;

    /// <summary>An upper bound of all times in the object, in any time zone; null if the recurrence is unbounded.</summary>
    public DateTimeOffset? LastUtc => Index.Last;

    /// <summary>All instances of an event in seconds of Unix time, in order; null if there are too many or if they depend on the viewer's time zone.</summary>
    public IReadOnlyList<(long Start, long End)>? IndexedInstances => Index.Instances;

    public bool HasRecurrence => Components.Any(c => c.IsRecurring || c.RecurrenceId is not null);

    /// <summary>The calendar user address of the organizer, as written.</summary>
    public string? Organizer => Main.Content.Line("ORGANIZER")?.Text;

    /// <summary>The distinct calendar user addresses of all attendees, including those of overrides.</summary>
    public IReadOnlyList<string> Attendees =>
        [.. Components.SelectMany(c => c.Content.LinesNamed("ATTENDEE")).Select(l => l.Text).Distinct(StringComparer.OrdinalIgnoreCase)];

    /// <summary>The VCALENDAR component.</summary>
    public ContentComponent Root { get; }

    internal IReadOnlyList<CalendarComponent> Components { get; }

    internal ObjectTimeZones Zones { get; }

    internal CalendarLimits Limits => _limits;

    /// <summary>Computed on first use, because counting all instances is expensive and only needed to store an object. Concurrent computations give the same result.</summary>
    private IndexRange Index => _index ??= new IndexRange(Components, this);

    /// <summary>The component that is not an override; null if there is none.</summary>
    internal CalendarComponent? Master => Components.FirstOrDefault(static c => c.RecurrenceId is null);

    private CalendarComponent Main => Master ?? Components[0];

    /// <summary>Parses one resource; on failure <paramref name="fault"/> names the violated precondition.</summary>
    public static bool TryParse(
        ReadOnlyMemory<byte> text, CalendarLimits limits, [NotNullWhen(true)] out CalendarObject? calendar, [NotNullWhen(false)] out CalendarFault? fault) =>
        CalendarObjectReader.TryRead(text, limits, out calendar, out fault);

    /// <summary>True if an instance overlaps the range (RFC 4791 §9.9). Dates and floating times are interpreted in <paramref name="floating"/>.</summary>
    public bool Overlaps(TimeRange range, CalendarTimeZone floating) => Overlapping(range, floating).Any();

    /// <summary>The components (including overrides) that have an instance in the range. A component may be returned more than once.</summary>
    internal IEnumerable<CalendarComponent> Overlapping(TimeRange range, CalendarTimeZone floating)
    {
        var budget = NewBudget();
        foreach (var instance in Instances(floating, budget).Near(range.From, range.To))
        {
            if (TimeRangeOverlap.Overlaps(instance, range, floating))
                yield return instance.Component;
        }

        // The expansion was incomplete, so an instance may be in the range: a false positive is better than a missing event.
        if (budget.Exhausted && Components.Any(c => c.Rules.Any(r => r.Count is not null)))
            yield return Main;
    }

    /// <summary>The alarms that trigger in the range.</summary>
    internal IEnumerable<ContentComponent> AlarmsIn(TimeRange range, CalendarTimeZone floating)
    {
        var alarms = Components.SelectMany(c => c.Alarms).ToArray();
        if (alarms.Length == 0)
            yield break;
        var reach = alarms.Max(a => a.MaxOffset);
        foreach (var instance in Instances(floating, NewBudget()).Near(range.From.Minus(reach), range.To.Plus(reach)))
        {
            foreach (var alarm in instance.Component.Alarms)
            {
                if (alarm.TriggersIn(range, instance.StartUtc, instance.EndUtc ?? instance.StartUtc))
                    yield return alarm.Content;
            }
        }
    }

    internal RecurrenceSet Instances(CalendarTimeZone floating, WorkBudget budget) => new(Components, floating, budget);

    internal WorkBudget NewBudget() => new(_limits.MaxRecurrenceWork);
}
