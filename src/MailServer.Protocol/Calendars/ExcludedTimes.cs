using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>The times excluded by EXDATE and EXRULE. A DATE value excludes all instances of that day, because some clients write it for timed events.</summary>
internal sealed class ExcludedTimes
{
    private readonly HashSet<DateTime> _moments = [];
    private readonly HashSet<DateTime> _days = [];
    private readonly HashSet<DateTime> _locals = [];

    public ExcludedTimes(CalendarComponent component, CalendarTimeZone floating, Func<RecurrenceRule, IEnumerable<DateTime>> expand)
    {
        var dates = component.Start is { IsDate: true };
        foreach (var time in component.ExceptionDates)
        {
            if (time.IsDate || dates)
                _days.Add(time.Local.Date);
            else
                _moments.Add(time.ToUtc(floating));
        }

        foreach (var rule in component.ExceptionRules)
            _locals.UnionWith(expand(rule));
    }

    public bool Contains(CalendarTime time, DateTime utc) =>
        _moments.Contains(utc) || _days.Contains(time.Local.Date) || _locals.Contains(time.Local);
}
