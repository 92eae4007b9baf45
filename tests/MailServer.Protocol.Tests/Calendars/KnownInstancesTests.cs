using CsCheck;
using MailServer.Domain.Collections;
using MailServer.Protocol.Calendars.Times;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>The indexed instances of an event decide a time range like the event itself.</summary>
public sealed class KnownInstancesTests
{
    private static readonly DateTimeOffset Day = new(2026, 3, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("DTSTART:20260310T100000Z\nDTEND:20260310T110000Z")]
    [InlineData("DTSTART:20260310T100000Z")]
    [InlineData("DTSTART:20260310T100000Z\nDURATION:PT90M\nRRULE:FREQ=DAILY;COUNT=20\nEXDATE:20260312T100000Z")]
    [InlineData("DTSTART;TZID=Europe/Berlin:20260320T023000\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=30")]
    [InlineData("DTSTART:20260305T100000Z\nDURATION:P3D\nRRULE:FREQ=WEEKLY;COUNT=5\nRDATE:20260301T000000Z")]
    public void The_index_agrees_with_the_filter(string lines)
    {
        var calendar = CalendarText.Event(lines);
        var packed = InstanceTimes.Pack(Assert.IsAssignableFrom<IReadOnlyList<(long, long)>>(calendar.IndexedInstances));
        var minutes = Gen.Int[-5_000, 60_000];
        Gen.Select(minutes, Gen.Int[1, 5_000], Gen.Int[0, 1]).Sample(
            (start, length, second) =>
            {
                var (from, to) = (Day.AddMinutes(start).AddSeconds(second), Day.AddMinutes(start + length));
                var range = CalendarText.Range(Utc(from), Utc(to));
                Assert.Equal(calendar.Overlaps(range, CalendarTimeZone.Utc), InstanceTimes.Overlap(packed, from.ToUnixTimeSeconds(), to.ToUnixTimeSeconds()));
            },
            iter: 500);
    }

    [Theory]
    [InlineData("DTSTART:20260310T100000")]
    [InlineData("DTSTART;VALUE=DATE:20260310")]
    [InlineData("DTSTART:20260310T100000Z\nRRULE:FREQ=DAILY")]
    [InlineData("DTSTART:20260310T100000Z\nRRULE:FREQ=DAILY;COUNT=5000")]
    [InlineData("DTSTART:20260310T100000Z\nRRULE:FREQ=DAILY;COUNT=5\nEXDATE:20260311T100000")]
    public void Floating_times_and_endless_rules_are_left_to_the_filter(string lines) => Assert.Null(CalendarText.Event(lines).IndexedInstances);

    [Fact]
    public void Tasks_are_left_to_the_filter() => Assert.Null(CalendarText.Component("VTODO", "DTSTART:20260310T100000Z").IndexedInstances);

    private static string Utc(DateTimeOffset time) => time.ToString("yyyyMMdd'T'HHmmss'Z'", System.Globalization.CultureInfo.InvariantCulture);
}
