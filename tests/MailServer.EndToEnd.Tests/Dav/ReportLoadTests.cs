using System.Diagnostics;
using System.Globalization;
using System.Net;
using MailServer.EndToEnd.Tests.Server;
using Xunit.Abstractions;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>
/// Reports over a calendar of recurring events run without a pause while another calendar of the account is written to. Times are shown, never judged;
/// <c>tests/dav-load.sh</c> runs it at full size.
/// </summary>
public sealed class ReportLoadTests(ITestOutputHelper output)
{
    private const string Expanded =
        "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/><C:calendar-data><C:expand start='20270101T000000Z' end='20270201T000000Z'/></C:calendar-data></D:prop>"
        + "<C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20270101T000000Z' end='20270201T000000Z'/>"
        + "<C:prop-filter name='SUMMARY'><C:text-match>Event</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";

    // Every object is parsed, none matches.
    private const string Filter =
        "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/></D:prop>"
        + "<C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20270101T000000Z' end='20270201T000000Z'/>"
        + "<C:prop-filter name='SUMMARY'><C:text-match>nothing</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";

    private static int Events => Number("MAILSERVER_DAV_LOAD_EVENTS", 100);

    private static int Puts => Number("MAILSERVER_DAV_LOAD_PUTS", 10);

    private static int Readers => Number("MAILSERVER_DAV_LOAD_READERS", 2);

    [Fact]
    public async Task A_calendar_is_written_to_while_reports_run_on_another()
    {
        await using var server = await ServerProcess.StartNewAsync();
        using var client = new DavClient(server, await server.AddUserAsync());
        var other = $"/dav/calendars/{client.User}/other/";
        Assert.Equal(HttpStatusCode.Created, (await client.SendAsync("MKCALENDAR", other)).Status);
        var filling = Stopwatch.StartNew();
        await Parallel.ForEachAsync(Enumerable.Range(0, Events), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (n, _) =>
            Assert.Equal(HttpStatusCode.Created, (await client.PutAsync($"{client.Calendar}e{n}.ics", Recurring(n))).Status));
        output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PUT of {Events} events, eight at a time: {filling.Elapsed.TotalSeconds:0.0} s"));
        await WriteAsync(client, other, "w", 50);
        Show("idle", await WriteAsync(client, other, "i", Puts), reports: 0, TimeSpan.Zero);
        foreach (var (name, body, expected) in new[] { ("filter", Filter, 0), ("expand", Expanded, Events) })
        {
            using var enough = new CancellationTokenSource();
            var watch = Stopwatch.StartNew();
            var before = ProcessorTime(server);
            var reading = Task.WhenAll(Enumerable.Range(0, Readers).Select(_ => ReadAsync(client, body, expected, enough.Token)));
            var written = await WriteAsync(client, other, name, Puts);
            await enough.CancelAsync();
            var reports = (await reading).Sum();
            Show(name, written, reports, watch.Elapsed);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"PUT {name}: {(ProcessorTime(server) - before).TotalSeconds / reports:0.00} s of processor time per report, {watch.Elapsed.TotalSeconds * Readers / reports:0.0} s each"));
            Assert.True(reports >= Readers, "every reader got its answer");
        }
    }

    private static async Task<int> ReadAsync(DavClient client, string body, int expected, CancellationToken enough)
    {
        var count = 0;
        do
        {
            var reply = await client.SendAsync("REPORT", client.Calendar, body, ("Depth", "1"));
            Assert.Equal((HttpStatusCode.MultiStatus, expected), (reply.Status, reply.Hrefs.Count));
            count++;
        }
        while (!enough.IsCancellationRequested);
        return count;
    }

    private static async Task<double[]> WriteAsync(DavClient client, string calendar, string name, int count)
    {
        var times = new double[count];
        for (var n = 0; n < count; n++)
        {
            var watch = Stopwatch.StartNew();
            Assert.Equal(HttpStatusCode.Created, (await client.PutAsync($"{calendar}{name}-{n}.ics", DavClient.Event($"{name}-{n}"))).Status);
            times[n] = watch.Elapsed.TotalMilliseconds;
        }

        return times;
    }

    private void Show(string name, double[] times, int reports, TimeSpan span)
    {
        var sorted = times.Order().ToArray();
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"PUT {name}: median {sorted[sorted.Length / 2]:0.0} ms, 95% {sorted[sorted.Length * 95 / 100]:0.0} ms, longest {sorted[^1]:0.0} ms; {reports} reports in {span.TotalSeconds:0.0} s"));
    }

    private static TimeSpan ProcessorTime(ServerProcess server)
    {
        using var process = Process.GetProcessById(server.ProcessId);
        return process.TotalProcessorTime;
    }

    private static string Recurring(int n) => DavClient.Event($"e{n}", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\r\n", "DTSTART:20260105T090000Z");

    private static int Number(string name, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
