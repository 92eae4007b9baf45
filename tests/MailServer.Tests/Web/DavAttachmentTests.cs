using System.Text.RegularExpressions;

namespace MailServer.Tests.Web;

/// <summary>Managed attachments (RFC 8607): who may read them, and whose values their properties have.</summary>
public sealed partial class DavAttachmentTests(TestNode node) : IClassFixture<TestNode>
{
    private const string Meeting = "DTSTART:20270101T100000Z\r\nORGANIZER:mailto:ann@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@example.org\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:ben@example.org\r\nATTENDEE:mailto:dora@second.test";
    private static bool IsPrepared;

    // A character that is two in UTF-16 crosses the limit of a name.
    private const string Long = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";

    [Fact]
    public async Task An_attachment_can_be_read_by_those_who_have_the_event()
    {
        await PrepareAsync();
        using var organizer = new DavSession(node, TestNode.Ann);
        using var attendee = new DavSession(node, TestNode.Ben);
        using var elsewhere = new DavSession(node, "dora@second.test");
        using var stranger = new DavSession(node, "carl@example.org");
        using var reader = new DavSession(node, "rita@example.org");
        using var writer = new DavSession(node, "will@example.org");
        using var friend = new DavSession(node, "fred@example.org");
        using var nobody = new DavSession(node, null);
        await organizer.ExpectAsync(201, "MKCALENDAR", organizer.Home + "meetings/");
        await organizer.ExpectAsync(201, "PUT", organizer.Home + "meetings/m.ics", DavSession.Event("access", Meeting));
        var url = await AttachAsync(organizer, organizer.Home + "meetings/m.ics");
        var copy = await CopyOfAsync(attendee, "access");
        Assert.Contains(url, Unfold(await attendee.ExpectAsync(200, "GET", copy)), StringComparison.Ordinal);
        await organizer.ExpectAsync(200, "POST", organizer.Home + "meetings/", $"<S:publish-calendar {DavSession.Names}/>");

        await ReadableAsync(url, [organizer, attendee, elsewhere], [stranger, reader, writer, friend]);
        Assert.Equal(401, await nobody.StatusAsync("GET", url));

        // Guests of the organizer's calendar, and of the attendee's.
        await organizer.ShareAsync(reader, organizer.Home + "meetings/", "read");
        await organizer.ShareAsync(writer, organizer.Home + "meetings/", "read-write");
        await attendee.ShareAsync(friend, attendee.Calendar, "read");
        await ReadableAsync(url, [organizer, attendee, elsewhere, reader, writer, friend], [stranger]);
        foreach (var guest in new[] { reader, writer }) await organizer.UnshareAsync(guest, organizer.Home + "meetings/");
        await ReadableAsync(url, [organizer, attendee, elsewhere, friend], [stranger, reader, writer]);
        await attendee.UnshareAsync(friend, attendee.Calendar);
        await ReadableAsync(url, [organizer, attendee, elsewhere], [friend]);

        // Another calendar of the organizer does not help, nor does the URL in an own event.
        await organizer.ShareAsync(reader, organizer.Calendar, "read-write");
        await reader.ExpectAsync(201, "PUT", organizer.Calendar + "planted.ics", DavSession.Event("planted", "DTSTART:20270101T100000Z\r\nATTACH:https://mail.example.org" + url));
        await stranger.ExpectAsync(201, "PUT", stranger.Calendar + "own.ics", DavSession.Event("own", "DTSTART:20270101T100000Z\r\nATTACH:https://mail.example.org" + url));
        await ReadableAsync(url, [organizer, attendee, elsewhere], [stranger, reader]);

        // Who is no longer invited, or removed the event, loses it; who declines and keeps the event does not.
        await attendee.ExpectAsync(204, "PUT", copy, (await attendee.ExpectAsync(200, "GET", copy)).Replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=DECLINED", StringComparison.Ordinal));
        await ReadableAsync(url, [organizer, attendee, elsewhere], []);
        await elsewhere.ExpectAsync(204, "DELETE", await CopyOfAsync(elsewhere, "access"));
        await ReadableAsync(url, [organizer, attendee], [elsewhere]);
        var stored = Unfold(await organizer.ExpectAsync(200, "GET", organizer.Home + "meetings/m.ics"));
        await organizer.ExpectAsync(204, "PUT", organizer.Home + "meetings/m.ics", Regex.Replace(stored, "ATTENDEE[^\r]*(?:ben@example.org|dora@second.test)\r\n", "", RegexOptions.None, TimeSpan.FromSeconds(1)));
        await ReadableAsync(url, [organizer], [attendee, elsewhere, stranger]);

        // Nor does a meeting of the former attendee with the URL, to which the organizer is invited.
        await attendee.ExpectAsync(201, "PUT", attendee.Calendar + "trick.ics", DavSession.Event("trick", "DTSTART:20270102T100000Z\r\nATTACH:https://mail.example.org" + url
            + "\r\nORGANIZER:mailto:ben@example.org\r\nATTENDEE;PARTSTAT=ACCEPTED:mailto:ben@example.org\r\nATTENDEE:mailto:ann@example.org"));
        await CopyOfAsync(organizer, "trick");
        await ReadableAsync(url, [organizer], [attendee]);
        await organizer.ShareAsync(stranger, organizer.Calendar, "read");
        await ReadableAsync(url, [organizer], [attendee, stranger]);
        await organizer.ExpectAsync(204, "DELETE", organizer.Home + "meetings/m.ics");
        await ReadableAsync(url, [], [organizer, attendee]);
    }

    [Fact]
    public async Task An_attendee_of_one_instance_reads_only_the_attachments_of_that_instance()
    {
        await PrepareAsync();
        using var organizer = new DavSession(node, TestNode.Ann);
        using var attendee = new DavSession(node, TestNode.Ben);
        const string people = "ORGANIZER:mailto:ann@example.org\r\nATTENDEE:mailto:ann@example.org";
        var text = DavSession.Event("instance", $"DTSTART:20270201T100000Z\r\nRRULE:FREQ=DAILY;COUNT=3\r\n{people}\r\nEND:VEVENT\r\nBEGIN:VEVENT\r\nUID:instance\r\nDTSTAMP:20260101T000000Z\r\nRECURRENCE-ID:20270202T100000Z\r\nDTSTART:20270202T110000Z\r\n{people}\r\nATTENDEE:mailto:ben@example.org");
        await organizer.ExpectAsync(201, "PUT", organizer.Calendar + "instance.ics", text);
        var master = await AttachAsync(organizer, organizer.Calendar + "instance.ics", "&rid=M");
        var instance = await AttachAsync(organizer, organizer.Calendar + "instance.ics", "&rid=20270202T100000Z");
        await CopyOfAsync(attendee, "instance");
        await ReadableAsync(master, [organizer], [attendee]);
        await ReadableAsync(instance, [organizer, attendee], []);
    }

    [Theory]
    [InlineData("ATTACH;MANAGED-ID=$id:$url")]
    [InlineData("ATTACH;MANAGED-ID=$id;SIZE=1;FMTTYPE=application/x-evil;FILENAME=other.exe:$url")]
    [InlineData("ATTACH;MANAGED-ID=$id;FMTTYPE=text/plain:https://evil.test/a.txt")]
    [InlineData("ATTACH;SIZE=5;MANAGED-ID=$id;VALUE=BINARY;ENCODING=BASE64:aGVsbG8=")]
    [InlineData("attach;managed-id=\"$id\":$url")]
    public async Task The_properties_of_an_attachment_are_the_servers(string written)
    {
        using var http = new DavSession(node, TestNode.Ann);
        var url = http.Calendar + Guid.NewGuid().ToString("N") + ".ics";
        var uid = Guid.NewGuid().ToString("N");
        await http.ExpectAsync(201, "PUT", url, DavSession.Event(uid));
        await AttachAsync(http, url);
        var right = Line(await http.ExpectAsync(200, "GET", url));
        Assert.Matches("^ATTACH;MANAGED-ID=[0-9a-f]{32};FMTTYPE=text/plain;SIZE=5;FILENAME=a.txt:https://mail.example.org/dav/attachments/ann@example.org/[0-9a-f]{32}/a.txt$", right);
        var id = right[right.IndexOf('=', StringComparison.Ordinal)..][1..33];
        var line = written.Replace("$id", id, StringComparison.Ordinal).Replace("$url", right[(right.IndexOf(':', StringComparison.Ordinal) + 1)..], StringComparison.Ordinal);

        // In the object that has it, with a parameter of the client, and in another object of the account.
        var (status, _, response) = await http.SendAsync("PUT", url, DavSession.Event(uid, "DTSTART:20270101T100000Z\r\n" + line.Replace(";MANAGED-ID", ";X-MINE=1;MANAGED-ID", StringComparison.Ordinal)));
        Assert.Equal(204, status);
        Assert.Null(response.Headers.ETag);
        var mine = written.Contains(";MANAGED-ID", StringComparison.Ordinal) ? ";X-MINE=1" : "";
        Assert.Equal(right.Insert(right.IndexOf(':', StringComparison.Ordinal), mine), Line(await http.ExpectAsync(200, "GET", url)));
        var other = url.Replace(".ics", "-2.ics", StringComparison.Ordinal);
        await http.ExpectAsync(201, "PUT", other, DavSession.Event(uid + "-2", "DTSTART:20270101T100000Z\r\n" + line));
        Assert.StartsWith(right[..right.IndexOf(':', StringComparison.Ordinal)], Line(await http.ExpectAsync(200, "GET", other)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_object_as_the_server_wrote_it_is_stored_octet_for_octet()
    {
        using var http = new DavSession(node, TestNode.Ann);
        var url = http.Calendar + "same.ics";
        await http.ExpectAsync(201, "PUT", url, DavSession.Event("same"));
        await AttachAsync(http, url);
        var text = await http.ExpectAsync(200, "GET", url);
        var (status, _, response) = await http.SendAsync("PUT", url, text);
        Assert.Equal(204, status);
        Assert.NotNull(response.Headers.ETag);
        Assert.Equal(text, await http.ExpectAsync(200, "GET", url));
    }

    [Fact]
    public async Task An_unknown_attachment_is_refused_wherever_an_object_is_stored()
    {
        using var ann = new DavSession(node, TestNode.Ann);
        using var ben = new DavSession(node, TestNode.Ben);
        await ann.ExpectAsync(201, "PUT", ann.Calendar + "secret.ics", DavSession.Event("secret"));
        await AttachAsync(ann, ann.Calendar + "secret.ics");
        var known = Line(await ann.ExpectAsync(200, "GET", ann.Calendar + "secret.ics"));
        await ann.ExpectAsync(201, "MKCALENDAR", ann.Home + "ours/");
        var mount = await ann.ShareAsync(ben, ann.Home + "ours/", "read-write");
        foreach (var (who, collection, line) in new[]
        {
            (ann, ann.Calendar, "ATTACH;MANAGED-ID=0123456789abcdef0123456789abcdef:https://mail.example.org/x"),
            (ann, ann.Calendar, "ATTACH;MANAGED-ID=\"\":https://mail.example.org/x"),
            // Of another account, and of another calendar of the account that shares one.
            (ben, ben.Calendar, known), (ben, mount, known),
        })
        {
            foreach (var (method, url) in new[] { ("PUT", collection + "unknown.ics"), ("POST", collection) })
            {
                var refused = await who.ExpectAsync(403, method, url, DavSession.Event("unknown", "DTSTART:20270101T100000Z\r\n" + line));
                Assert.Contains("<C:valid-managed-id-parameter/>", refused, StringComparison.Ordinal);
                Assert.Contains("responsedescription", refused, StringComparison.Ordinal);
            }

            Assert.Equal(404, await who.StatusAsync("GET", collection + "unknown.ics"));
        }
    }

    [Fact]
    public async Task An_imported_event_keeps_own_attachments_and_the_URLs_of_others()
    {
        using var http = new DavSession(node, TestNode.Ann);
        await http.ExpectAsync(201, "PUT", http.Calendar + "exported.ics", DavSession.Event("exported"));
        var url = await AttachAsync(http, http.Calendar + "exported.ics");
        var file = Path.Combine(node.Folder, "import.ics");
        await File.WriteAllTextAsync(file, await http.ExpectAsync(200, "GET", http.Calendar + "exported.ics"));
        await node.CliAsync("dav", "import", TestNode.Ann, "calendar", file);
        await ReadableAsync(url, [http], []);
        await File.WriteAllTextAsync(file, DavSession.Event("foreign", "DTSTART:20270101T100000Z\r\nATTACH;MANAGED-ID=abc;SIZE=3:https://other.test/abc"));
        await node.CliAsync("dav", "import", TestNode.Ann, "calendar", file);
        Assert.Equal("ATTACH;SIZE=3:https://other.test/abc", Line(await http.ExpectAsync(200, "GET", await CopyOfAsync(http, "foreign"))));
    }

    [Theory]
    [InlineData("filename=..")]
    [InlineData("filename=\".\"")]
    [InlineData("filename=\"../../x\"")]
    [InlineData("filename*=UTF-8''%F0%9F%98%80")]
    [InlineData("filename*=UTF-8''" + Long + "%F0%9F%98%80")]
    public async Task Whatever_its_name_an_attachment_can_be_fetched_by_its_URL(string file)
    {
        using var ann = new DavSession(node, TestNode.Ann);
        var url = ann.Calendar + $"names-{Guid.NewGuid():N}.ics";
        await ann.ExpectAsync(201, "PUT", url, DavSession.Event(Path.GetFileNameWithoutExtension(url), "DTSTART:20270101T100000Z"));
        var attachment = await AttachAsync(ann, url, file: file);
        Assert.DoesNotContain("%EF%BF%BD", attachment, StringComparison.OrdinalIgnoreCase);
        Assert.Equal("hello", await ann.ExpectAsync(200, "GET", attachment));
    }

    private static async Task ReadableAsync(string url, DavSession[] readers, DavSession[] others)
    {
        foreach (var reader in readers)
        {
            Assert.Equal("hello", await reader.ExpectAsync(200, "GET", url));
            await reader.ExpectAsync(200, "HEAD", url);
        }

        foreach (var other in others) await other.ExpectAsync(404, "GET", url);
    }

    /// <summary>Adds an attachment; returns the path of its URL.</summary>
    private static async Task<string> AttachAsync(DavSession http, string url, string more = "", string file = "filename=a.txt")
    {
        var (status, body, response) = await http.SendAsync("POST", url + "?action=attachment-add" + more, "hello", "text/plain", ("Content-Disposition", "attachment; " + file));
        Assert.True(status == 201, $"{status} {body}");
        return response.Headers.Location!.AbsolutePath;
    }

    /// <summary>The URL of the object with a UID in the calendar of an account; waits until it is there.</summary>
    private static async Task<string> CopyOfAsync(DavSession http, string uid)
    {
        var query = $"<C:calendar-query {DavSession.Names}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='UID'><C:text-match collation='i;octet'>{uid}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";
        for (var attempt = 0; attempt < 100; attempt++)
        {
            var found = System.Xml.Linq.XElement.Parse(await http.ExpectAsync(207, "REPORT", http.Calendar, query, ("Depth", "1"))).Descendants(System.Xml.Linq.XName.Get("href", "DAV:")).ToList();
            if (found.Count > 0) return found[0].Value;
            await Task.Delay(100);
        }

        throw new TimeoutException($"{uid} did not arrive at {http.User}");
    }

    private static string Unfold(string text) => text.Replace("\r\n ", "", StringComparison.Ordinal);

    private static string Line(string text) => AttachPattern().Match(Unfold(text)).Value;

    private async Task PrepareAsync()
    {
        if (IsPrepared) return;
        IsPrepared = true;
        await node.CliAsync("domain", "add", "second.test");
        foreach (var user in new[] { "carl@example.org", "dora@second.test", "rita@example.org", "will@example.org", "fred@example.org" }) await node.CliAsync("user", "add", user, "--password", TestNode.Password);
    }

    [GeneratedRegex("^ATTACH[^\r]*", RegexOptions.Multiline, 1000)]
    private static partial Regex AttachPattern();
}
