using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Calendars;

/// <summary>
/// The length of the instances of a component. With DTEND the exact length (for dates: the number of days) is the same for all instances;
/// a DURATION is nominal (RFC 5545 §3.8.5.3). A DATE without an end lasts one day (RFC 5545 §3.6.1).
/// </summary>
internal readonly struct InstanceDuration
{
    private readonly CalendarDuration? _nominal;
    private readonly TimeSpan? _exact;

    public InstanceDuration(CalendarComponent component, CalendarTimeZone floating)
    {
        if (component.Duration is { } duration)
            _nominal = duration;
        else if (component is { Start: { IsDate: true } first, End: { IsDate: true } last })
            _nominal = new CalendarDuration((int)(last.Local - first.Local).TotalDays, TimeSpan.Zero);
        else if (component is { Start: { } start, End: { } end })
            _exact = end.ToUtc(floating) - start.ToUtc(floating);
        if (component is { Name: "VEVENT" or "VJOURNAL", Start.IsDate: true } && _exact is null && _nominal is not { IsPositive: true })
            _nominal = new CalendarDuration(1, TimeSpan.Zero);
    }

    public TimeSpan MaxLength => (_nominal?.MaxLength ?? TimeSpan.Zero) + (_exact?.Duration() ?? TimeSpan.Zero);

    public DateTime? End(CalendarTime start, DateTime startUtc, CalendarTimeZone floating) =>
        _nominal?.AddTo(start, floating) ?? (_exact is { } exact ? startUtc.Plus(exact) : null);
}
