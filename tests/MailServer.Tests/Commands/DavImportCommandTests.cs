using System.Text.Json;

namespace MailServer.Tests.Commands;

/// <summary><c>dav import</c> without a running server: every entry is stored or refused by name.</summary>
public sealed class DavImportCommandTests : IDisposable
{
    private readonly CommandRunner _server = new();

    public void Dispose() => _server.Dispose();

    public static TheoryData<string, string, int, string> Files() => new()
    {
        { "calendar", Calendar(Event("one"), Event("two")), 0, "" },
        { "calendar", Calendar(Event("one"), Event("")), 0, "" },
        { "calendar", Calendar(Event("one"), "BEGIN:VEVENT\r\nUID:two\r\nDTSTART:nonsense\r\nEND:VEVENT\r\n"), 1, "event 2, line 10 (UID two): DTSTART is not a valid date or time" },
        { "calendar", Calendar(Event("one"), "BEGIN:VEVENT\r\nUID:two\r\nnonsense\r\nEND:VEVENT\r\n"), 1, "event 2, line 12 (UID two): no colon before a value" },
        { "contacts", Card("one") + Card("two"), 0, "" },
        { "contacts", Card("one") + Card(""), 0, "" },
        { "contacts", Card("one") + "BEGIN:VCARD\r\nVERSION:2.1\r\nN;QUOTED-PRINTABLE:M=FCller\r\nEND:VCARD\r\n", 0, "" },
        { "contacts", Card("one") + "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:two\r\nnonsense\r\nEND:VCARD\r\n", 1, "card 2, line 10 (UID two): no colon before a value" },
        { "contacts", Card("one") + Calendar(Event("two")), 1, "line 7: text outside of a card" },
        { "calendar", Card("one") + "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:two\r\nFN:x\r\nEND:VCARD\r\n", 2, "card " },
    };

    [Theory]
    [MemberData(nameof(Files))]
    public async Task The_entries_of_a_file_are_stored_or_refused_by_name(string collection, string content, int refused, string named)
    {
        await _server.SetUpAsync("ann@example.org");
        var file = Path.Combine(_server.Folder, "old.file");
        await File.WriteAllTextAsync(file, content);
        var run = await _server.RunAsync("dav", "import", "ann@example.org", collection, file, "--json");
        Assert.Equal(refused > 0 ? 1 : 0, run.Code);
        using var read = JsonDocument.Parse(run.Out);
        var row = read.RootElement[0];
        Assert.Equal((2, 2 - refused, refused), (row.GetProperty("found").GetInt32(), row.GetProperty("stored").GetInt32(), row.GetProperty("refused").GetInt32()));
        var reasons = row.GetProperty("reasons").EnumerateArray().Select(static r => r.GetString()!).ToArray();
        Assert.Equal(refused, reasons.Length);
        Assert.All(reasons, reason => Assert.StartsWith(named, reason, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_import_adds_nothing_and_equal_entries_are_stored_once()
    {
        await _server.SetUpAsync("ann@example.org");
        var (events, cards) = (Path.Combine(_server.Folder, "a.ics"), Path.Combine(_server.Folder, "a.vcf"));
        await File.WriteAllTextAsync(events, Calendar(Event(""), Event("one"), Event("")));
        await File.WriteAllTextAsync(cards, Card("") + Card("one") + Card("") + Card("one"));
        foreach (var _ in new[] { 1, 2 })
        {
            Assert.Equal("3 2 1 0", await SumAsync("calendar", events));
            Assert.Equal("4 2 2 0", await SumAsync("contacts", cards));
            using var listed = JsonDocument.Parse((await _server.RunAsync("dav", "list", "ann@example.org", "--json")).Out);
            Assert.Equal([2, 2], listed.RootElement.EnumerateArray().Where(static row => row.GetProperty("name").GetString() is "calendar" or "contacts").Select(static row => row.GetProperty("items").GetInt32()));
        }
    }

    [Fact]
    public async Task A_file_without_entries_is_refused()
    {
        await _server.SetUpAsync("ann@example.org");
        var file = Path.Combine(_server.Folder, "empty.ics");
        await File.WriteAllTextAsync(file, Calendar());
        Assert.Contains($"{file} contains no events, tasks or contacts", await _server.FailedAsync(1, "dav", "import", "ann@example.org", "calendar", file), StringComparison.Ordinal);
    }

    private async Task<string> SumAsync(string collection, string file)
    {
        var run = await _server.RunAsync("dav", "import", "ann@example.org", collection, file, "--json");
        Assert.Equal(0, run.Code);
        using var read = JsonDocument.Parse(run.Out);
        return string.Join(' ', new[] { "found", "stored", "duplicates", "refused" }.Select(name => read.RootElement[0].GetProperty(name).GetInt32()));
    }

    [Fact]
    public async Task A_file_that_is_too_large_to_import_at_once_is_refused_unread()
    {
        await _server.SetUpAsync("ann@example.org");
        var file = Path.Combine(_server.Folder, "large.ics");
        await using (var large = File.Create(file)) large.SetLength((256L << 20) + 1);
        var before = GC.GetTotalAllocatedBytes();
        var error = await _server.FailedAsync(1, "dav", "import", "ann@example.org", "calendar", file);
        Assert.Contains($"{file} has 268435457 octets; at most 268435456 can be imported at once: split it into several files", error, StringComparison.Ordinal);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 128L << 20);
    }

    private static string Calendar(params string[] events) => $"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//y//EN\r\n{string.Concat(events)}END:VCALENDAR\r\n";

    private static string Event(string uid) =>
        $"BEGIN:VEVENT\r\n{(uid.Length > 0 ? $"UID:{uid}\r\n" : "")}DTSTAMP:20260101T000000Z\r\nDTSTART:20260102T100000Z\r\nSUMMARY:x\r\nEND:VEVENT\r\n";

    private static string Card(string uid) => $"BEGIN:VCARD\r\nVERSION:4.0\r\n{(uid.Length > 0 ? $"UID:{uid}\r\n" : "")}FN:Ann\r\nN:Ann;;;;\r\nEND:VCARD\r\n";
}
