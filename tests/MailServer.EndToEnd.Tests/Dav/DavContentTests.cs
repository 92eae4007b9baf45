using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>How requests can get content: ranges, other representations, attachments.</summary>
[Collection(SharedDavServerCollection.Name)]
public sealed class DavContentTests(SharedServer shared) : IAsyncLifetime
{
    private DavClient _ann = null!;
    private DavClient _ben = null!;

    public async Task InitializeAsync()
    {
        _ann = new DavClient(shared.Server, await shared.Server.AddUserAsync("ann"));
        _ben = new DavClient(shared.Server, await shared.Server.AddUserAsync("ben"));
    }

    public Task DisposeAsync()
    {
        _ann.Dispose();
        _ben.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_requested_range_of_octets_is_sent()
    {
        var url = $"/dav/files/{_ann.User}/a.txt";
        var tag = (await _ann.PutAsync(url, "0123456789")).Is(201).Header("ETag")!;
        Assert.Equal(("234", "bytes 2-4/10"), await PartAsync(("Range", "bytes=2-4")));
        Assert.Equal(("234", "bytes 2-4/10"), await PartAsync(("Range", "bytes=2-4"), ("If-Range", tag)));
        (await _ann.GetAsync(url, ("Range", "bytes=10-"))).Is(416);
        Assert.Equal("0123456789", (await _ann.GetAsync(url, ("Range", "bytes=2-4"), ("If-Range", "\"other\""))).Is(200).Body);

        async Task<(string, string?)> PartAsync(params (string, string)[] headers)
        {
            var part = (await _ann.GetAsync(url, headers)).Is(206);
            return (part.Body, part.Header("Content-Range"));
        }
    }

    [Fact]
    public async Task Time_zones_are_returned_as_stored_or_as_the_client_requests()
    {
        var url = _ann.Calendar + "paris.ics";
        var stored = DavClient.Event("paris", start: "DTSTART;TZID=Europe/Paris:20270110T100000");
        (await _ann.PutAsync(url, stored)).Is(201);
        Assert.Equal(stored, (await _ann.GetAsync(url)).Body);
        Assert.Contains("TZOFFSETTO:+0200", (await _ann.GetAsync(url, ("CalDAV-Timezones", "T"))).Body, StringComparison.Ordinal);
        var report = $"<C:calendar-multiget xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:prop><C:calendar-data/></D:prop><D:href>{url}</D:href></C:calendar-multiget>";
        Assert.Contains("BEGIN:VTIMEZONE", (await _ann.SendAsync("REPORT", _ann.Calendar, report, ("CalDAV-Timezones", "T"))).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("BEGIN:VTIMEZONE", (await _ann.SendAsync("REPORT", _ann.Calendar, report)).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_contact_is_returned_in_the_requested_version_or_as_stored()
    {
        var card = DavClient.Card("a", "TEL;TYPE=CELL:+1\r\n");
        (await _ann.PutAsync(_ann.Contacts + "a.vcf", card)).Is(201);
        Assert.Equal(card, (await _ann.GetAsync(_ann.Contacts + "a.vcf", ("Accept", "text/vcard"))).Body);
        Assert.Contains("VERSION:4.0", (await _ann.GetAsync(_ann.Contacts + "a.vcf", ("Accept", "text/html, text/vcard; version=4.0"))).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_can_prefer_the_stored_representation_after_a_PUT()
    {
        var url = _ann.Calendar + "a.ics";
        var first = (await _ann.PutAsync(url, DavClient.Event("a"), ("Prefer", "return=representation"))).Is(201);
        Assert.Equal(DavClient.Event("a"), first.Body);
        (await _ann.PutAsync(url, DavClient.Event("a", "LOCATION:x\r\n"), ("Prefer", "return=representation"))).Is(200);
        var refused = await _ann.PutAsync(url, DavClient.Event("a"), ("If-Match", first.Header("ETag")!), ("Prefer", "return=representation"));
        Assert.Contains("LOCATION:x", refused.Is(412).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_member_is_added_under_a_name_that_the_server_chooses()
    {
        var added = (await _ann.SendAsync("POST", _ann.Calendar, DavClient.Event("a"))).Is(201);
        Assert.Equal(DavClient.Event("a"), (await _ann.GetAsync(added.Header("Location")!)).Is(200).Body);
        Assert.Contains("no-uid-conflict", (await _ann.SendAsync("POST", _ann.Calendar, DavClient.Event("a"))).Is(403).Body, StringComparison.Ordinal);
        (await _ann.SendAsync("POST", _ann.Contacts, DavClient.Card("c"))).Is(201);
        Assert.Contains("supported-calendar-data", (await _ann.SendAsync("POST", _ann.Calendar, DavClient.Card("c"))).Is(403).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_birthday_calendar_appears_with_the_first_birthday_and_can_only_be_read()
    {
        (await _ann.PutAsync(_ann.Contacts + "a.vcf", DavClient.Card("a", "BDAY:1980-05-17\r\n"))).Is(201);
        var calendar = $"/dav/calendars/{_ann.User}/birthdays/";
        Assert.Contains(calendar, (await _ann.PropFindAsync($"/dav/calendars/{_ann.User}/", 1, "D:displayname")).Hrefs);
        var query = "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:time-range start='20300501T000000Z' end='20300601T000000Z'/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";
        Assert.Contains("Person a (1980)", (await _ann.SendAsync("REPORT", calendar, query, ("Depth", "1"))).Is(207).Body, StringComparison.Ordinal);
        (await _ann.PutAsync(calendar + "x.ics", DavClient.Event("x"))).Is(403);
        Assert.DoesNotContain("<D:bind/>", (await _ann.PropFindAsync(calendar, 0, "D:current-user-privilege-set")).Body, StringComparison.Ordinal);
        (await _ann.SendAsync("DELETE", _ann.Contacts + "a.vcf")).Is(204);
        Assert.Single((await _ann.PropFindAsync(calendar, 1, "D:getetag")).Hrefs);
    }

    [Fact]
    public async Task A_file_is_attached_replaced_shown_to_guests_and_removed()
    {
        var url = _ann.Calendar + "a.ics";
        (await _ann.PutAsync(url, DavClient.Event("a"))).Is(201);
        var added = (await _ann.SendAsync("POST", url + "?action=attachment-add", "hello", ("Content-Type", "text/plain"), ("Content-Disposition", "attachment; filename=\"note one.txt\""), ("Prefer", "return=representation"))).Is(201);
        var id = added.Header("Cal-Managed-ID")!;
        Assert.Contains($"ATTACH;MANAGED-ID={id};FMTTYPE=text/plain;SIZE=5;FILENAME=note one.txt:https://", added.Body.Replace("\r\n ", "", StringComparison.Ordinal), StringComparison.Ordinal);
        var link = Link(added.Body);
        Assert.Equal("hello", (await _ann.GetAsync(link)).Is(200).Body);
        (await _ben.GetAsync(link)).Is(404);
        (await shared.Server.CliAsync("dav", "share", _ann.User, "calendar", "--with", _ben.User)).Succeeded();
        (await _ben.GetAsync(link)).Is(200);
        using var anyone = new DavClient(shared.Server, null);
        (await anyone.GetAsync(link)).Is(401);

        var replaced = (await _ann.SendAsync("POST", $"{url}?action=attachment-update&managed-id={id}", "bye", ("Content-Type", "text/plain"), ("Prefer", "return=representation"))).Is(200);
        (await _ann.GetAsync(link)).Is(404);
        Assert.Equal("bye", (await _ann.GetAsync(Link(replaced.Body))).Is(200).Body);
        Assert.Contains("valid-managed-id", (await _ann.SendAsync("POST", $"{url}?action=attachment-remove&managed-id={id}", "")).Is(403).Body, StringComparison.Ordinal);
        (await _ann.SendAsync("POST", $"{url}?action=attachment-remove&managed-id={replaced.Header("Cal-Managed-ID")}", "")).Is(204);
        Assert.Equal(DavClient.Event("a"), (await _ann.GetAsync(url)).Body);
        (await _ann.GetAsync(Link(replaced.Body))).Is(404);
        Assert.Contains("valid-rid", (await _ann.SendAsync("POST", url + "?action=attachment-add&rid=20300101T000000Z", "x")).Is(403).Body, StringComparison.Ordinal);
    }

    private static string Link(string body)
    {
        var line = body.Replace("\r\n ", "", StringComparison.Ordinal).Split("\r\n").Single(l => l.StartsWith("ATTACH", StringComparison.Ordinal));
        return new Uri(line[line.IndexOf("https://", StringComparison.Ordinal)..]).PathAndQuery;
    }
}
