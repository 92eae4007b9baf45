using System.Globalization;
using System.Text;
using CsCheck;
using Ical.Net.CalendarComponents;
using Ical.Net.DataTypes;
using Ical.Net.Evaluation;
using Ical.Net.Serialization;
using MailServer.Protocol.Calendars;
using MailServer.Protocol.Calendars.Recurrence;
using MailServer.Protocol.Calendars.Reports;
using MailServer.Protocol.Calendars.Times;
using Foreign = Ical.Net.Calendar;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>
/// Ical.Net as an independent judge: rules from DAILY on, time zones, and objects written by either side. Left out are rules that RFC 5545 forbids (WEEKLY with
/// BYMONTHDAY), yearly rules of which Ical.Net reads only a part (BYMONTHDAY without BYMONTH, BYYEARDAY with BYMONTH, the last year before UNTIL), and the last week of a year, whose days in
/// the next year RFC 5545 gives to neither; <see cref="DateutilTests"/> has them.
/// </summary>
public sealed class IcalNetTests
{
    private const int Instances = 20;
    private const string Format = "yyyyMMdd'T'HHmmss";
    private static readonly DateTime End = new(2030, 1, 1);

    private static readonly string[] Zones =
        ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/St_Johns", "Africa/Casablanca", "Pacific/Apia", "Asia/Tehran", "UTC"];

    private static readonly Gen<DateTime> Start = Gen.Select(Gen.Date[new DateTime(2010, 1, 1), new DateTime(2012, 12, 31)], Gen.Int[0, 23], static (day, hour) => day.AddHours(hour).AddMinutes(30));

    [Fact]
    public void Random_rules_have_the_same_instances()
    {
        var differences = new List<string>();
        ForEach(Gen.Select(Start, RandomRules.From("YEARLY", "MONTHLY", "WEEKLY", "DAILY").Where(IsRuleOfBoth)), 400, c =>
        {
            var (start, rule) = c;
            // Ical.Net searches for a rule without any instance until the year 9999.
            if (!Times(start, rule).Any()) return;
            var (ours, theirs) = (Join(Times(start, rule)), Join(TimesFromIcalNet(start, rule)));
            if (ours != theirs) differences.Add($"{start:s} {rule}\n  ours {ours}\n  Ical.Net {theirs}");
        });
        Assert.True(differences.Count == 0, $"{differences.Count} differ\n{string.Join('\n', differences.Take(8))}");
    }

    [Fact]
    public void Local_times_of_all_zones_are_converted_to_the_same_moments() =>
        ForEach(Gen.Select(Gen.OneOfConst(Zones), Gen.Date[new DateTime(1990, 1, 1), new DateTime(2037, 12, 31)], Gen.Int[0, (24 * 60) - 1]), 5_000, static c =>
        {
            var (zone, day, minute) = c;
            var local = day.AddMinutes(minute);
            var theirs = new CalDateTime(local, zone).AsUtc;
            Assert.True(CalendarTimeZone.TryFind(zone, out var ours));
            Assert.Equal(theirs, ours.ToUtc(DateTime.SpecifyKind(local, DateTimeKind.Unspecified)));
        });

    [Fact]
    public void A_series_expanded_for_a_report_has_the_times_that_Ical_Net_finds() =>
        ForEach(Gen.Select(Start, Gen.OneOfConst(Zones), Gen.OneOfConst("DAILY;COUNT=9", "WEEKLY;BYDAY=MO,SU;COUNT=12", "MONTHLY;BYDAY=-1FR;COUNT=7", "YEARLY;COUNT=4"), Gen.Int[1, 600]), 300, static c =>
        {
            var (start, zone, rule, minutes) = c;
            // RFC 5545 §3.8.5.3: a start that does not match its rule has no defined meaning. At noon no zone skips a time (§3.3.10 and §3.8.5.3 disagree about these).
            // (Samoa skipped a whole day of 2011.)
            start = Times(start.Date.AddYears(3).AddHours(12), "FREQ=" + rule).First();
            var text = Event($"DTSTART;TZID={zone}:{Text(start)}\r\nDURATION:PT{minutes}M\r\nRRULE:FREQ={rule}\r\nEXDATE;TZID={zone}:{Text(start.AddDays(7))}");
            var theirs = Foreign.Load(text)!.Events[0]!.GetOccurrences().Select(static o => o.Period.StartTime.AsUtc).Order().ToArray();
            Assert.Equal(theirs, Foreign.Load(ExpandedByUs(text))!.Events.Select(static e => e.Start!.AsUtc).Order());
        });

    [Fact]
    public void Objects_that_Ical_Net_writes_are_read_as_it_means_them() =>
        ForEach(Gen.Select(Start, Gen.OneOfConst(Zones), RandomRules.From("YEARLY", "MONTHLY", "WEEKLY", "DAILY"), Gen.String[0, 300], Gen.Int[1, 600]), 300, static c =>
        {
            var (start, zone, rule, summary, minutes) = c;
            summary = new string([.. summary.Where(static c => !char.IsControl(c) && !char.IsSurrogate(c) && c < '\ufff0')]);
            var theirs = new CalendarEvent { Uid = "u1", Summary = summary, Start = new CalDateTime(start, zone), Duration = Duration.FromMinutes(minutes) };
            theirs.RecurrenceRule = new RecurrencePattern(rule);
            var calendar = new Foreign();
            calendar.Events.Add(theirs);
            var text = new CalendarSerializer().SerializeToString(calendar)!;
            Assert.True(CalendarObject.TryParse(Encoding.UTF8.GetBytes(text), CalendarLimits.Default, out var ours, out var fault), fault?.Reason + "\n" + text);
            Assert.Equal("u1", ours.Uid);
            Assert.Equal(summary, ours.Summary ?? "");
        });

    [Fact]
    public void Objects_that_we_complete_are_read_by_Ical_Net_unchanged() =>
        ForEach(Gen.Select(Start, Gen.OneOfConst(Zones), Gen.Int[1, 600]), 200, static c =>
        {
            var (start, zone, minutes) = c;
            var bare = Event($"DTSTART;TZID={zone}:{Text(start)}\r\nDURATION:PT{minutes}M\r\nRRULE:FREQ=DAILY;COUNT=3");
            var completed = Foreign.Load(Encoding.UTF8.GetString(StandardTimeZones.AddDefinitions(Encoding.UTF8.GetBytes(bare)).Span))!;
            Assert.Single(completed.TimeZones);
            Assert.Equal(
                Foreign.Load(bare)!.Events[0]!.GetOccurrences().Select(static o => o.Period.StartTime.AsUtc),
                completed.Events[0]!.GetOccurrences().Select(static o => o.Period.StartTime.AsUtc));
        });

    /// <summary>The same cases in every run: an error of Ical.Net must not fail a later one.</summary>
    private static void ForEach<T>(Gen<T> cases, int count, Action<T> check)
    {
        foreach (var c in cases.Array[count].Single(a => a.Length == count, "0N0XIzNsQ0O2")) check(c);
    }

    private static bool IsRuleOfBoth(string rule) =>
        !(rule.Contains("WEEKLY", StringComparison.Ordinal) && rule.Contains("BYMONTHDAY", StringComparison.Ordinal))
        && !(rule.Contains("YEARLY", StringComparison.Ordinal)
            && (rule.Contains("UNTIL", StringComparison.Ordinal)
                || rule.Contains("BYWEEKNO", StringComparison.Ordinal) || rule.Contains("BYMONTH=", StringComparison.Ordinal) != rule.Contains("BYMONTHDAY=", StringComparison.Ordinal)
                || (rule.Contains("BYYEARDAY", StringComparison.Ordinal) && rule.Contains("BYMONTH", StringComparison.Ordinal))));

    private static IEnumerable<DateTime> Times(DateTime start, string rule)
    {
        Assert.True(RecurrenceRuleParser.TryParse(rule, out var parsed), rule);
        return new RecurrenceIterator(parsed, start, zone: null, new WorkBudget(200_000)).From(start, startCounts: false);
    }

    private static IEnumerable<DateTime> TimesFromIcalNet(DateTime start, string rule)
    {
        using var occurrences = Foreign.Load(Event($"DTSTART:{Text(start)}\r\nRRULE:{rule}"))!.Events[0]!.GetOccurrences().GetEnumerator();
        while (true)
        {
            try
            {
                if (!occurrences.MoveNext()) yield break;
            }
            catch (EvaluationOutOfRangeException)
            {
                // Its calendar ended in the year 9999.
                yield break;
            }

            yield return occurrences.Current.Period.StartTime.Value;
        }
    }

    private static string ExpandedByUs(string text)
    {
        Assert.True(CalendarObject.TryParse(Encoding.UTF8.GetBytes(text), CalendarLimits.Default, out var calendar, out var fault), fault?.Reason);
        var output = new System.Buffers.ArrayBufferWriter<byte>();
        new CalendarDataRequest { Expand = CalendarText.Range("20000101T000000Z", "20300101T000000Z") }.Write(calendar, CalendarTimeZone.Utc, output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static string Event(string lines) =>
        $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:u1\r\nDTSTAMP:20100101T000000Z\r\n{lines}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

    private static string Join(IEnumerable<DateTime> times) => string.Join(' ', times.TakeWhile(static t => t < End).Take(Instances).Select(Text));

    private static string Text(DateTime time) => time.ToString(Format, CultureInfo.InvariantCulture);
}
