using System.Globalization;
using MailServer.EndToEnd.Tests.Mail;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>vdirsyncer between two machines through the server, and khal and khard reading the result on the second.</summary>
public sealed class VdirsyncerTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const int Count = 500;

    [ClientFact("vdirsyncer", "khal", "khard")]
    public async Task Two_copies_of_500_events_and_contacts_stay_in_sync_through_changes_removals_and_conflicts()
    {
        var first = await CopyAsync("first");
        var second = await CopyAsync("second");
        Fill(first);
        await SynchroniseAsync(first);
        await SynchroniseAsync(second);
        AssertSame(first, second, Count, Count);

        Change(Event(first, 1), "Event 1 ", "Moved 1 ");
        File.Delete(Card(second, 2));
        File.Delete(Event(second, 3));
        await SynchroniseAsync(first, second, first);
        AssertSame(first, second, Count - 1, Count - 1);
        Assert.Contains("Moved 1 ", await File.ReadAllTextAsync(Event(second, 1)), StringComparison.Ordinal);

        // Both change one event and one contact: for events the later change wins, for contacts the server.
        Change(Event(first, 4), "Event 4 ", "Mine 4 ");
        Change(Event(second, 4), "Event 4 ", "Yours 4 ");
        Change(Card(first, 5), "Person", "Mine");
        Change(Card(second, 5), "Person", "Yours");
        await SynchroniseAsync(first, second, first);
        AssertSame(first, second, Count - 1, Count - 1);
        Assert.Contains("Yours 4 ", await File.ReadAllTextAsync(Event(first, 4)), StringComparison.Ordinal);
        Assert.Contains("Mine 5", await File.ReadAllTextAsync(Card(second, 5)), StringComparison.Ordinal);
        await AssertKhalReadsAsync(second);
        await AssertKhardReadsAsync(second);
    }

    private async Task AssertKhalReadsAsync(string copy)
    {
        var configuration = Configure("khal.conf", $"""
            [calendars]
            [[calendar]]
            path = {copy}/calendars/calendar/

            [locale]
            timeformat = %H:%M
            dateformat = %Y-%m-%d
            longdateformat = %Y-%m-%d
            datetimeformat = %Y-%m-%d %H:%M
            longdatetimeformat = %Y-%m-%d %H:%M
            default_timezone = UTC
            local_timezone = UTC

            [sqlite]
            path = {copy}/khal.db
            """);
        var list = await RunAsync("khal", ["-c", configuration, "list", "--day-format", "", "--format", "{start} {title}", "2026-12-01", "28d"]);
        var lines = Lines(list);
        Assert.Equal(Count - 1, lines.Length);
        Assert.Contains("2026-12-02 01:00 Moved 1 & <more>", lines);
        Assert.Contains("2026-12-05 04:00 Yours 4 & <more>", lines);
        Assert.DoesNotContain(lines, line => line.Contains("Event 3 ", StringComparison.Ordinal));
    }

    private async Task AssertKhardReadsAsync(string copy)
    {
        var configuration = Configure("khard.conf", $"""
            [addressbooks]
            [[contacts]]
            path = {copy}/addressbooks/contacts/

            [general]
            default_action = list
            """);
        var names = Lines(await RunAsync("khard", ["-c", configuration, "list", "--parsable"])).Select(line => line.Split('\t')[1]).ToList();
        Assert.Equal(Count - 1, names.Count);
        Assert.Contains("Mine 5", names);
        Assert.DoesNotContain("Person 2", names);
    }

    private static string[] Lines(ProgramRun run) => run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static string Event(string copy, int number) => Path.Combine(copy, "calendars", "calendar", $"e{number}.ics");

    private static string Card(string copy, int number) => Path.Combine(copy, "addressbooks", "contacts", $"c{number}.vcf");

    private static void Change(string file, string from, string to)
    {
        var text = File.ReadAllText(file);
        Assert.Contains(from, text, StringComparison.Ordinal);
        File.WriteAllText(file, text.Replace(from, to, StringComparison.Ordinal));
    }

    private static void Fill(string copy)
    {
        for (var i = 0; i < Count; i++)
        {
            File.WriteAllText(Event(copy, i), $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\nBEGIN:VEVENT\r\nUID:e{i}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:202612{(i % 28) + 1:00}T{i % 23:00}0000Z\r\nDURATION:PT1H\r\nSUMMARY:Event {i} & <more>\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n");
            File.WriteAllText(Card(copy, i), $"BEGIN:VCARD\r\nVERSION:3.0\r\nUID:c{i}\r\nFN:Person {i}\r\nN:{i};Person;;;\r\nEND:VCARD\r\n");
        }
    }

    private static void AssertSame(string first, string second, int events, int cards)
    {
        foreach (var (folder, count) in new[] { ("calendars/calendar", events), ("addressbooks/contacts", cards) })
        {
            var here = Contents(Path.Combine(first, folder));
            Assert.Equal(count, here.Count);
            Assert.Equal(here, Contents(Path.Combine(second, folder)));
        }
    }

    private static SortedDictionary<string, string> Contents(string folder) =>
        new(Directory.GetFiles(folder).ToDictionary(file => Path.GetFileName(file), file => File.ReadAllText(file).ReplaceLineEndings("\n"), StringComparer.Ordinal), StringComparer.Ordinal);

    private async Task SynchroniseAsync(params string[] copies)
    {
        foreach (var copy in copies) await RunAsync("vdirsyncer", ["-c", copy + ".conf", "sync"]);
    }

    /// <summary>Creates the folders and configuration of a machine, and connects it to the server; returns the path.</summary>
    private async Task<string> CopyAsync(string name)
    {
        var copy = Directory.CreateDirectory(Path.Combine(Home, name)).FullName;
        Directory.CreateDirectory(Path.Combine(copy, "calendars", "calendar"));
        Directory.CreateDirectory(Path.Combine(copy, "addressbooks", "contacts"));
        var (certificate, _) = await Server.CertificateAsync(Home);
        Configure(name + ".conf", $"""
            [general]
            status_path = "{copy}/status/"
            {Pair("calendars", "calendar", "caldav", ".ics", "a wins", copy, certificate)}
            {Pair("addressbooks", "contacts", "carddav", ".vcf", "b wins", copy, certificate)}
            """);
        await RunAsync("vdirsyncer", ["-c", copy + ".conf", "discover"], input: "y\ny\ny\ny\n");
        return copy;
    }

    private string Pair(string home, string collection, string type, string extension, string resolution, string copy, string certificate) => $"""

        [pair {home}]
        a = "local_{home}"
        b = "remote_{home}"
        collections = ["{collection}"]
        conflict_resolution = "{resolution}"

        [storage local_{home}]
        type = "filesystem"
        path = "{copy}/{home}/"
        fileext = "{extension}"

        [storage remote_{home}]
        type = "{type}"
        url = "https://localhost:{Server.Ports.Dav.ToString(CultureInfo.InvariantCulture)}/"
        username = "{User}"
        password = "{ServerProcess.Password}"
        verify = "{certificate}"
        """;
}
