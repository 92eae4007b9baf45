using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>Calendars and address books shared between accounts, over HTTP like clients.</summary>
[Collection(SharedDavServerCollection.Name)]
public sealed class CalendarSharingTests(SharedServer shared) : IAsyncLifetime
{
    private DavClient _alice = null!;
    private DavClient _bob = null!;
    private DavClient _carol = null!;

    public async Task InitializeAsync()
    {
        _alice = new DavClient(shared.Server, await shared.Server.AddUserAsync("alice"));
        _bob = new DavClient(shared.Server, await shared.Server.AddUserAsync("bob"));
        _carol = new DavClient(shared.Server, await shared.Server.AddUserAsync("carol"));
    }

    public Task DisposeAsync()
    {
        _alice.Dispose();
        _bob.Dispose();
        _carol.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task A_calendar_shared_for_writing_appears_in_the_home_of_the_guest_and_both_can_change_it()
    {
        (await _alice.PutAsync(_alice.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        await ShareAsync(_bob, "read-write");
        var mount = await MountAsync(_bob);
        Assert.Equal([mount, mount + "a.ics"], (await _bob.PropFindAsync(mount, 1, "D:getetag")).Is(207).Hrefs);
        (await _bob.PutAsync(mount + "b.ics", DavClient.Event("b"))).Is(201);
        Assert.Contains("UID:b", (await _alice.GetAsync(_alice.Calendar + "b.ics")).Is(200).Body, StringComparison.Ordinal);
        (await _bob.SendAsync("MOVE", mount + "b.ics", null, ("Destination", mount + "c.ics"))).Is(201);
        (await _bob.SendAsync("DELETE", mount + "a.ics")).Is(204);
        (await _alice.GetAsync(_alice.Calendar + "a.ics")).Is(404);

        var query = "<C:calendar-query xmlns:C='urn:ietf:params:xml:ns:caldav' xmlns:D='DAV:'><D:prop><D:getetag/><C:calendar-data/></D:prop><C:filter><C:comp-filter name='VCALENDAR'/></C:filter></C:calendar-query>";
        Assert.Equal([mount + "c.ics"], (await _bob.SendAsync("REPORT", mount, query, ("Depth", "1"))).Is(207).Hrefs);
        var sync = "<D:sync-collection xmlns:D='DAV:'><D:sync-token/><D:sync-level>1</D:sync-level><D:prop><D:getetag/></D:prop></D:sync-collection>";
        Assert.Equal([mount + "c.ics"], (await _bob.SendAsync("REPORT", mount, sync)).Is(207).Hrefs);
    }

    [Fact]
    public async Task A_calendar_shared_for_reading_cannot_be_changed_by_the_guest()
    {
        (await _alice.PutAsync(_alice.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        await ShareAsync(_bob, "read");
        var mount = await MountAsync(_bob);
        (await _bob.GetAsync(mount + "a.ics")).Is(200);
        foreach (var url in new[] { mount, _alice.Calendar })
        {
            Assert.Contains("need-privileges", (await _bob.PutAsync(url + "b.ics", DavClient.Event("b"))).Is(403).Body, StringComparison.Ordinal);
            (await _bob.SendAsync("DELETE", url + "a.ics")).Is(403);
            (await _bob.SendAsync("MOVE", url + "a.ics", null, ("Destination", url + "x.ics"))).Is(403);
        }

        var privileges = (await _bob.PropFindAsync(mount, 0, "D:current-user-privilege-set")).Is(207).Body;
        Assert.DoesNotContain("<D:write/>", privileges, StringComparison.Ordinal);
        Assert.Contains("<D:read/>", privileges, StringComparison.Ordinal);
        (await _bob.SendAsync("ACL", _alice.Calendar, Acl(_bob, "<D:all/>"))).Is(403);
        (await _bob.SendAsync("DELETE", _alice.Calendar)).Is(403);
    }

    [Fact]
    public async Task Without_a_grant_the_calendar_of_another_account_is_not_found()
    {
        (await _alice.PutAsync(_alice.Calendar + "a.ics", DavClient.Event("secret"))).Is(201);
        await ShareAsync(_bob, "read");
        foreach (var url in new[] { _alice.Calendar, _alice.Calendar + "a.ics", _alice.Calendar + "none.ics", $"/dav/calendars/{_alice.User}/", $"/dav/calendars/{_alice.User}/tasks/", _alice.Contacts })
        {
            // A PUT to the URL of a collection is refused because of the URL alone.
            foreach (var method in new[] { "GET", "PROPFIND", url.EndsWith('/') ? "PROPFIND" : "PUT", "DELETE", "REPORT", "LOCK", "COPY", "MKCALENDAR", "PROPPATCH" })
            {
                var body = method switch { "PUT" => DavClient.Event("x"), "REPORT" => "<D:expand-property xmlns:D='DAV:'/>", "PROPPATCH" => "<D:propertyupdate xmlns:D='DAV:'/>", "LOCK" => "<D:lockinfo xmlns:D='DAV:'><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>", _ => null };
                var reply = await _carol.SendAsync(method, url, body, ("Depth", "0"), ("Destination", _carol.Calendar + "stolen.ics"));
                // Nothing can be copied between accounts.
                if (method == "COPY") Assert.Contains((int)reply.Status, new[] { 403, 404 });
                else reply.Is(404);
                Assert.DoesNotContain("secret", reply.Body, StringComparison.Ordinal);
            }
        }

        (await _bob.GetAsync($"/dav/files/{_alice.User}/")).Is(404);
        (await _carol.GetAsync($"/dav/notifications/{_bob.User}/x.xml")).Is(404);
    }

    [Fact]
    public async Task An_ACL_request_shares_and_unshares_a_calendar()
    {
        (await _alice.SendAsync("ACL", _alice.Calendar, Acl(_bob, "<D:read/>", "<D:write/>"))).Is(200);
        var mount = await MountAsync(_bob);
        (await _bob.PutAsync(mount + "b.ics", DavClient.Event("b"))).Is(201);
        Assert.Contains($"/dav/principals/{_bob.User}/", (await _alice.PropFindAsync(_alice.Calendar, 0, "D:acl")).Body, StringComparison.Ordinal);
        (await _alice.SendAsync("ACL", _alice.Calendar, "<D:acl xmlns:D='DAV:'/>")).Is(200);
        (await _bob.GetAsync(mount + "b.ics")).Is(404);
        (await _bob.GetAsync(_alice.Calendar + "b.ics")).Is(404);
        Assert.DoesNotContain((await _bob.PropFindAsync($"/dav/calendars/{_bob.User}/", 1, "D:resourcetype")).Hrefs, href => href == mount);
    }

    [Theory]
    [InlineData("<D:ace><D:principal><D:all/></D:principal><D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>", "allowed-principal")]
    [InlineData("<D:ace><D:principal><D:href>/dav/principals/nobody@nowhere.test/</D:href></D:principal><D:grant><D:privilege><D:read/></D:privilege></D:grant></D:ace>", "recognized-principal")]
    [InlineData("<D:ace><D:principal><D:href>/x</D:href></D:principal><D:deny><D:privilege><D:read/></D:privilege></D:deny></D:ace>", "grant-only")]
    [InlineData("<D:ace><D:invert><D:principal><D:all/></D:principal></D:invert></D:ace>", "no-invert")]
    [InlineData("<D:ace><D:principal><D:href>/x</D:href></D:principal><D:grant><D:privilege><D:fly/></D:privilege></D:grant></D:ace>", "not-supported-privilege")]
    public async Task An_unsupported_ACL_is_refused_with_its_precondition(string entry, string condition) =>
        Assert.Contains(condition, (await _alice.SendAsync("ACL", _alice.Calendar, $"<D:acl xmlns:D='DAV:'>{entry}</D:acl>")).Is(403).Body, StringComparison.Ordinal);

    [Fact]
    public async Task A_sharing_invitation_is_shown_in_the_form_of_Apple_and_can_be_accepted_or_declined()
    {
        await ShareAsync(_bob, "read-write");
        Assert.Contains("shared-owner", (await _alice.PropFindAsync(_alice.Calendar, 0, "D:resourcetype", "S:invite")).Body, StringComparison.Ordinal);
        var principal = await _bob.PropFindAsync($"/dav/principals/{_bob.User}/", 0, "S:notification-URL");
        var home = $"/dav/notifications/{_bob.User}/";
        Assert.Contains(home, principal.Body, StringComparison.Ordinal);
        var notifications = (await _bob.PropFindAsync(home, 1, "D:getetag", "S:notificationtype")).Is(207).Hrefs;
        var notification = (await _bob.GetAsync(notifications[1])).Is(200).Xml;
        var uid = notification.Descendants().Single(e => e.Name.LocalName == "uid").Value;
        Assert.Contains(_alice.Calendar, notification.ToString(), StringComparison.Ordinal);

        var accept = $"<S:invite-reply xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'><D:href>mailto:{_bob.User}</D:href><S:invite-accepted/><S:hosturl><D:href>{_alice.Calendar}</D:href></S:hosturl><S:in-reply-to>{uid}</S:in-reply-to></S:invite-reply>";
        var mount = await MountAsync(_bob);
        Assert.Contains(mount, (await _bob.SendAsync("POST", $"/dav/calendars/{_bob.User}/", accept)).Is(200).Body, StringComparison.Ordinal);
        Assert.Single((await _bob.PropFindAsync(home, 1, "D:getetag")).Hrefs);

        // The guest leaves: the owner keeps everything, and sees that the guest left.
        (await _bob.SendAsync("DELETE", mount)).Is(204);
        (await _bob.GetAsync(_alice.Calendar)).Is(404);
        Assert.Contains("invite-declined", (await _alice.PropFindAsync(_alice.Calendar, 0, "S:invite")).Body, StringComparison.Ordinal);
        await ShareAsync(_bob, "read");
        (await _bob.GetAsync(_alice.Calendar)).Is(200);
    }

    [Fact]
    public async Task A_guest_can_set_its_own_name_and_colour_of_a_shared_calendar()
    {
        await ShareAsync(_bob, "read");
        var mount = await MountAsync(_bob);
        Assert.Contains($"Calendar ({_alice.User.Split('@')[0]})", (await _bob.PropFindAsync(mount, 0, "D:displayname")).Body, StringComparison.Ordinal);
        var update = "<D:propertyupdate xmlns:D='DAV:'><D:set><D:prop><D:displayname>Hers</D:displayname></D:prop></D:set></D:propertyupdate>";
        (await _bob.SendAsync("PROPPATCH", mount, update)).Is(207);
        Assert.Contains("Hers", (await _bob.PropFindAsync(mount, 0, "D:displayname")).Body, StringComparison.Ordinal);
        Assert.DoesNotContain("Hers", (await _alice.PropFindAsync(_alice.Calendar, 0, "D:displayname")).Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_secret_link_shows_a_calendar_without_a_password_until_it_is_revoked()
    {
        (await _alice.PutAsync(_alice.Calendar + "a.ics", DavClient.Event("a"))).Is(201);
        (await _alice.SendAsync("POST", _alice.Calendar, "<S:publish-calendar xmlns:S='http://calendarserver.org/ns/'/>")).Is(200);
        var link = (await _alice.PropFindAsync(_alice.Calendar, 0, "S:publish-url")).Xml.Descendants().Single(e => e.Name.LocalName == "publish-url").Value;
        using var anyone = new DavClient(shared.Server, null);
        var file = (await anyone.GetAsync(link)).Is(200);
        Assert.Contains("UID:a", file.Body, StringComparison.Ordinal);
        (await anyone.GetAsync(link, ("If-None-Match", file.Header("ETag")!))).Is(304);
        (await anyone.PutAsync(link, DavClient.Event("x"))).Is(405);
        (await anyone.GetAsync(link.Replace(".ics", "0.ics", StringComparison.Ordinal))).Is(404);
        (await anyone.GetAsync("/ics/999999-abc.ics")).Is(404);
        await ShareAsync(_bob, "read");
        Assert.DoesNotContain("/ics/", (await _bob.PropFindAsync(_alice.Calendar, 0, "S:publish-url")).Body, StringComparison.Ordinal);
        (await _alice.SendAsync("POST", _alice.Calendar, "<S:unpublish-calendar xmlns:S='http://calendarserver.org/ns/'/>")).Is(200);
        (await anyone.GetAsync(link)).Is(404);
    }

    [Fact]
    public async Task Principals_of_the_own_domain_can_be_found_and_others_cannot()
    {
        var search = $"<D:principal-property-search xmlns:D='DAV:'><D:property-search><D:prop><D:displayname/></D:prop><D:match>{_bob.User.Split('@')[0]}</D:match></D:property-search><D:prop><D:displayname/></D:prop></D:principal-property-search>";
        Assert.Contains($"/dav/principals/{_bob.User}/", (await _alice.SendAsync("REPORT", "/dav/principals/", search)).Is(207).Hrefs);
        var match = "<D:principal-match xmlns:D='DAV:'><D:self/></D:principal-match>";
        Assert.Equal([$"/dav/principals/{_alice.User}/"], (await _alice.SendAsync("REPORT", "/dav/principals/", match)).Is(207).Hrefs);
        Assert.Contains("displayname", (await _alice.SendAsync("REPORT", "/dav/principals/", "<D:principal-search-property-set xmlns:D='DAV:'/>")).Is(200).Body, StringComparison.Ordinal);
        Assert.Contains(_alice.User, (await _alice.PropFindAsync($"/dav/principals/{_bob.User}/", 0, "D:current-user-principal")).Is(207).Body, StringComparison.Ordinal);
        (await _alice.PropFindAsync("/dav/principals/someone@elsewhere.test/", 0, "D:displayname")).Is(404);

        var expand = "<D:expand-property xmlns:D='DAV:'><D:property name='current-user-principal'><D:property name='calendar-home-set' namespace='urn:ietf:params:xml:ns:caldav'/><D:property name='displayname'/></D:property></D:expand-property>";
        var expanded = (await _alice.SendAsync("REPORT", "/dav/", expand)).Is(207);
        Assert.Contains($"/dav/calendars/{_alice.User}/", expanded.Body, StringComparison.Ordinal);
    }

    private async Task ShareAsync(DavClient guest, string access)
    {
        var share = $"<S:share xmlns:S='http://calendarserver.org/ns/' xmlns:D='DAV:'><S:set><D:href>mailto:{guest.User}</D:href><S:summary>Ours</S:summary><S:{access}/></S:set></S:share>";
        (await _alice.SendAsync("POST", _alice.Calendar, share)).Is(200);
    }

    /// <summary>The URL of Alice's shared calendar in the home of the guest.</summary>
    private static async Task<string> MountAsync(DavClient guest)
    {
        var home = (await guest.PropFindAsync($"/dav/calendars/{guest.User}/", 1, "D:resourcetype")).Is(207);
        return home.Xml.Elements().Single(response => response.Descendants().Any(e => e.Name.LocalName == "shared")).Elements().First().Value;
    }

    private static string Acl(DavClient guest, params string[] privileges) =>
        $"<D:acl xmlns:D='DAV:'><D:ace><D:principal><D:href>/dav/principals/{guest.User}/</D:href></D:principal><D:grant>{string.Concat(privileges.Select(p => $"<D:privilege>{p}</D:privilege>"))}</D:grant></D:ace></D:acl>";
}
