using System.Text.Json;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary><c>mailserver dav …</c> with and without a running server.</summary>
public sealed class DavCommandTests
{
    [Fact]
    public async Task Collections_are_listed_exported_and_imported_with_and_without_a_running_server()
    {
        await using var server = await ServerProcess.CreateAsync();
        var ann = await server.AddUserAsync("ann");
        var ben = await server.AddUserAsync("ben");
        await RoundTripAsync(server, ann, ben);
        await server.StartAsync();
        await RoundTripAsync(server, ann, ben);
        using var client = new DavClient(server, ben);
        Assert.Contains("UID:e7", (await client.GetAsync(client.Calendar)).Is(200).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Impossible_operations_print_a_clear_error()
    {
        await using var server = await ServerProcess.CreateAsync();
        var ann = await server.AddUserAsync("ann");
        Assert.Contains("no calendar or address book 'none'", (await server.CliAsync("dav", "export", ann, "none")).Error, StringComparison.Ordinal);
        Assert.Contains("no user 'nobody@example.test'", (await server.CliAsync("dav", "list", "nobody@example.test")).Error, StringComparison.Ordinal);
        var broken = Path.Combine(server.Folder, "broken.ics");
        await File.WriteAllTextAsync(broken, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n");
        Assert.Contains("line 1: the calendar does not end", (await server.CliAsync("dav", "import", ann, "calendar", broken, "--json")).Output, StringComparison.Ordinal);
        var link = (await server.CliAsync("dav", "link", ann, "calendar")).Succeeded().Output.Trim();
        Assert.Contains(link, (await server.CliAsync("dav", "list", ann)).Output, StringComparison.Ordinal);
        (await server.CliAsync("dav", "unlink", ann, "calendar")).Succeeded();
        Assert.DoesNotContain(link, (await server.CliAsync("dav", "list", ann)).Output, StringComparison.Ordinal);
    }

    private static async Task RoundTripAsync(ServerProcess server, string from, string to)
    {
        var (events, cards) = (Path.Combine(server.Folder, "events.ics"), Path.Combine(server.Folder, "cards.vcf"));
        await File.WriteAllTextAsync(events, "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n" + string.Concat(Enumerable.Range(0, 50).Select(i =>
            $"BEGIN:VEVENT\r\nUID:e{i}\r\nDTSTAMP:20261101T000000Z\r\nDTSTART:20270110T{i % 24:00}0000Z\r\nSUMMARY:Event {i}\r\nEND:VEVENT\r\n")) + "END:VCALENDAR\r\n");
        await File.WriteAllTextAsync(cards, string.Concat(Enumerable.Range(0, 50).Select(i => DavClient.Card($"c{i}"))));
        var imported = JsonDocument.Parse((await server.CliAsync("dav", "import", from, "calendar", events, "--json")).Succeeded().Output).RootElement[0];
        Assert.Equal((50, 0), (imported.GetProperty("stored").GetInt32(), imported.GetProperty("refused").GetInt32()));
        (await server.CliAsync("dav", "import", from, "contacts", cards)).Succeeded();

        var (eventsOut, cardsOut) = (Path.Combine(server.Folder, "out.ics"), Path.Combine(server.Folder, "out.vcf"));
        (await server.CliAsync("dav", "export", from, "calendars/calendar", "--output", eventsOut)).Succeeded();
        await File.WriteAllTextAsync(cardsOut, (await server.CliAsync("dav", "export", from, "contacts")).Succeeded().Output);
        (await server.CliAsync("dav", "import", to, "calendar", eventsOut)).Succeeded();
        (await server.CliAsync("dav", "import", to, "contacts", cardsOut)).Succeeded();
        var list = JsonDocument.Parse((await server.CliAsync("dav", "list", to, "--json")).Succeeded().Output).RootElement;
        var items = list.EnumerateArray().ToDictionary(row => row.GetProperty("name").GetString()!, row => row.GetProperty("items").GetInt64());
        Assert.Equal((50, 50), (items["calendar"], items["contacts"]));
    }
}
