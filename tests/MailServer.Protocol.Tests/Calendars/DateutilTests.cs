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

    [DateutilFact]
    public async Task Random_rules_have_the_same_instances_as_dateutil()
    {
        var cases = Gen.Select(Gen.Date[new DateTime(2010, 1, 1), new DateTime(2012, 12, 31)], Gen.Int[0, 23], RandomRules.From("YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY"), (day, hour, rule) => $"{day:yyyyMMdd}T{hour:00}3000 {rule}")
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
