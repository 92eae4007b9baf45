using System.Diagnostics;
using System.Globalization;
using CsCheck;
using MailServer.Protocol.Calendars.Recurrence;

namespace MailServer.Protocol.Tests.Calendars;

/// <summary>Random rules, compared with python3-dateutil. Left out where dateutil differs from RFC 5545:
/// BYWEEKNO without BYDAY, BYSETPOS in the first week, BYDAY with and without numbers in one list, rules that it refuses because they never match.</summary>
public sealed class DateutilTests
{
    private const int Instances = 25;

    private const string Script = """
        import sys, itertools, signal
        from datetime import datetime
        from dateutil.rrule import rrulestr
        def late(*_): raise TimeoutError()
        signal.signal(signal.SIGALRM, late)
        for line in sys.stdin:
            start, rule = line.split()
            signal.setitimer(signal.ITIMER_REAL, 0.1)
            try:
                recurrence = rrulestr(rule, dtstart=datetime.strptime(start, "%Y%m%dT%H%M%S"))
                times = list(itertools.islice(itertools.takewhile(lambda t: t.year < 2030, recurrence), 25))
                answer = " ".join(t.strftime("%Y%m%dT%H%M%S") for t in times)
                signal.setitimer(signal.ITIMER_REAL, 0)
            except (ValueError, TimeoutError):
                answer = "refused"
                signal.setitimer(signal.ITIMER_REAL, 0)
            # One line for each rule, also when the time is up just now.
            print(answer)
        """;

    private static readonly Gen<string> Weekday = Gen.OneOfConst("MO", "TU", "WE", "TH", "FR", "SA", "SU");

    private static readonly Gen<string> Numbered = Gen.Select(Gen.OneOfConst("1", "2", "4", "-1", "-2"), Weekday, (n, d) => n + d);

    private static readonly Gen<string> Rule = Gen.Select(Gen.OneOfConst("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"), Gen.Int[1, 4]).SelectMany((frequency, interval) =>
        Gen.Select(
            Maybe("BYMONTH", Gen.Int[1, 12].Select(Text)),
            Maybe("BYMONTHDAY", Gen.Int[-31, 31].Where(n => n != 0).Select(Text)),
            frequency is "YEARLY" or "MONTHLY" ? Gen.OneOf(Maybe("BYDAY", Weekday), Maybe("BYDAY", Numbered)) : Maybe("BYDAY", Weekday),
            frequency == "YEARLY" ? Gen.OneOf(Gen.Const(""), Gen.Const(""), Gen.Int[1, 53].Select(n => $";BYWEEKNO={n},-1;BYDAY=MO,SU,TH"), Gen.Int[-366, 366].Where(n => n != 0).Select(n => $";BYYEARDAY={n},{-n}")) : Gen.Const(""),
            Maybe("BYHOUR", Gen.Int[0, 23].Select(Text)),
            frequency == "WEEKLY" ? Gen.Const("") : Maybe("BYSETPOS", Gen.OneOfConst("1", "2", "-1")),
            Gen.OneOfConst("", "", ";COUNT=7", ";UNTIL=20150601T120000"),
            Gen.OneOfConst("", ";WKST=SU", ";WKST=WE"),
            (month, monthDay, day, special, hour, position, end, wkst) =>
                $"FREQ={frequency};INTERVAL={interval}{month}{(special.Length > 0 ? "" : monthDay)}{(special.Length > 0 ? special : day)}{hour}{position}{end}{wkst}"));

    [DateutilFact]
    public async Task Random_rules_have_the_same_instances_as_dateutil()
    {
        var cases = Gen.Select(Gen.Date[new DateTime(2010, 1, 1), new DateTime(2012, 12, 31)], Gen.Int[0, 23], Rule, (day, hour, rule) => $"{day:yyyyMMdd}T{hour:00}3000 {rule}")
            .Array[400].Single(c => c.Length == 400, "0N0XIzNsQ0O2");
        var expected = (await RunAsync(string.Join('\n', cases))).Split('\n');
        var wrong = cases.Zip(expected).Where(c => c.Second != "refused" && Expand(c.First) != c.Second.Trim()).Select(c => $"{c.First}\n  expected {c.Second}\n  found    {Expand(c.First)}").ToArray();
        Assert.True(wrong.Length == 0, $"{wrong.Length} differ\n{string.Join('\n', wrong.Take(8))}");
        Assert.True(expected.Count(e => e.Length > 0) > 200);
    }

    private static string Expand(string line)
    {
        var words = line.Split(' ');
        Assert.True(RecurrenceRuleParser.TryParse(words[1], out var rule), line);
        var start = DateTime.ParseExact(words[0], "yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture);
        var times = new RecurrenceIterator(rule, start, zone: null, new WorkBudget(200_000)).From(start, startCounts: false);
        return string.Join(' ', times.TakeWhile(t => t.Year < 2030).Take(Instances).Select(t => t.ToString("yyyyMMdd'T'HHmmss", CultureInfo.InvariantCulture)));
    }

    private static Gen<string> Maybe(string name, Gen<string> value) =>
        Gen.OneOf(Gen.Const(""), value.Array[1, 3].Select(v => $";{name}={string.Join(',', v.Distinct())}"));

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private static async Task<string> RunAsync(string input)
    {
        using var python = Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", Script]) { RedirectStandardInput = true, RedirectStandardOutput = true, UseShellExecute = false })!;
        var output = python.StandardOutput.ReadToEndAsync();
        await python.StandardInput.WriteAsync(input);
        python.StandardInput.Close();
        return await output;
    }

    private sealed class DateutilFactAttribute : FactAttribute
    {
        public DateutilFactAttribute() => Skip = Directory.Exists("/usr/lib/python3/dist-packages/dateutil") ? null : "python3-dateutil is not installed";
    }
}
