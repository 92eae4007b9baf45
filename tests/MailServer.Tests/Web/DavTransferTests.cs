using System.Xml.Linq;
using MailServer.Actors.Collections;
using MailServer.Domain.Accounts;
using MailServer.Domain.Collections;

namespace MailServer.Tests.Web;

/// <summary>COPY and MOVE into, out of and between shared collections: the rights of both places decide (RFC 4918 §9.8, §9.9; RFC 3744 §7.2).</summary>
public sealed class DavTransferTests(TestNode node) : IClassFixture<TestNode>, IAsyncLifetime
{
    private readonly DavSession _ann = new(node, TestNode.Ann);
    private readonly DavSession _ben = new(node, TestNode.Ben);
    private readonly string _name = Guid.NewGuid().ToString("N")[..8];

    public Task InitializeAsync() => Task.CompletedTask;

    public Task DisposeAsync()
    {
        _ann.Dispose();
        _ben.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>Every pair of places of Ben: his own, Ann's that he may write, Ann's that he may read, and Ann's that he does not see.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_rights_of_both_places_decide(bool isContact)
    {
        var places = await PlacesAsync(isContact);
        foreach (var from in places.Keys)
        {
            foreach (var to in places.Keys)
            {
                foreach (var method in new[] { "COPY", "MOVE" })
                {
                    var uid = $"{_name}-{from}-{to}-{method}-{isContact}";
                    var (source, target) = (await PutAsync(places[from], from, uid, isContact), places[to] + uid + "-new");
                    // Within one collection a copy would have the UID of its source.
                    var expected = from == "hidden" ? 404
                        : method == "COPY" && from == to ? 403
                        : to is "hidden" or "read" || (method == "MOVE" && from == "read") ? 403 : 201;
                    await _ben.ExpectAsync(expected, method, source, null, ("Destination", target));
                    var isDone = expected == 201;
                    Assert.Equal(isDone ? 200 : 404, await (to == "hidden" ? _ann : _ben).StatusAsync("GET", target));
                    Assert.Equal(isDone && method == "MOVE" ? 404 : 200, await (from == "hidden" ? _ann : _ben).StatusAsync("GET", source));
                }
            }
        }
    }

    [Fact]
    public async Task A_refusal_names_the_missing_privilege_or_the_conflict()
    {
        var places = await PlacesAsync(isContact: false);
        var own = await PutAsync(places["own"], "own", _name, isContact: false);
        Assert.Contains("need-privileges", await _ben.ExpectAsync(403, "COPY", own, null, ("Destination", places["read"] + "x.ics")), StringComparison.Ordinal);
        await PutAsync(places["write"], "write", _name, isContact: false);
        Assert.Contains("no-uid-conflict", await _ben.ExpectAsync(403, "MOVE", own, null, ("Destination", places["write"] + "x.ics")), StringComparison.Ordinal);
        await _ben.ExpectAsync(409, "MOVE", own, null, ("Destination", places["own"] + "none/x.ics"));
        await _ben.ExpectAsync(403, "COPY", own, null, ("Destination", _ben.Contacts + "x.ics"));
        Assert.Contains("location-ok", await _ben.ExpectAsync(403, "COPY", await PutAsync(_ben.Contacts, "own", "c" + _name, isContact: true), null, ("Destination", places["write"] + "c.vcf")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Preconditions_and_properties_hold_across_accounts()
    {
        var places = await PlacesAsync(isContact: false);
        var source = await PutAsync(places["own"], "own", _name, isContact: false);
        await _ben.ExpectAsync(207, "PROPPATCH", source, $"<D:propertyupdate {DavSession.Names}><D:set><D:prop><X:note xmlns:X='x:'>kept</X:note></D:prop></D:set></D:propertyupdate>");
        var target = places["write"] + "t.ics";
        await _ben.ExpectAsync(412, "MOVE", source, null, ("Destination", target), ("If-Match", "\"other\""));
        await _ben.ExpectAsync(201, "PUT", target, DavSession.Event(_name));
        await _ben.ExpectAsync(412, "MOVE", source, null, ("Destination", target), ("Overwrite", "F"));
        await _ben.ExpectAsync(204, "MOVE", source, null, ("Destination", target));
        Assert.Contains("kept", await _ann.ExpectAsync(207, "PROPFIND", $"{_ann.Home}write-{_name}/t.ics", $"<D:propfind {DavSession.Names}><D:prop><X:note xmlns:X='x:'/></D:prop></D:propfind>", ("Depth", "0")), StringComparison.Ordinal);

        // A lock protects the source and the destination.
        var locked = await _ben.SendAsync("LOCK", target, $"<D:lockinfo {DavSession.Names}><D:lockscope><D:exclusive/></D:lockscope><D:locktype><D:write/></D:locktype></D:lockinfo>");
        var token = locked.Response.Headers.GetValues("Lock-Token").Single();
        await _ben.ExpectAsync(423, "MOVE", target, null, ("Destination", places["own"] + "back.ics"));
        Assert.Equal(404, await _ben.StatusAsync("GET", places["own"] + "back.ics"));
        var again = await PutAsync(places["own"], "own", _name, isContact: false);
        await _ben.ExpectAsync(423, "COPY", again, null, ("Destination", target));
        await _ben.ExpectAsync(204, "COPY", again, null, ("Destination", target), ("If", $"<https://mail.example.org{target}> ({token})"));
        await _ben.ExpectAsync(204, "DELETE", again);
        await _ben.ExpectAsync(201, "MOVE", target, null, ("Destination", places["own"] + "back.ics"), ("If", $"({token})"));
        Assert.Equal(404, await _ben.StatusAsync("GET", target));
    }

    [Fact]
    public async Task A_guest_moves_between_two_calendars_of_one_owner_in_one_step_with_the_scheduling()
    {
        var places = await PlacesAsync(isContact: false);
        await _ann.ExpectAsync(201, "MKCALENDAR", $"{_ann.Home}more-{_name}/");
        var more = await _ann.ShareAsync(_ben, $"{_ann.Home}more-{_name}/", "read-write");
        await _ann.ExpectAsync(201, "PUT", $"{_ann.Home}write-{_name}/m.ics", Meeting(_name));
        await _ben.ExpectAsync(201, "MOVE", places["write"] + "m.ics", null, ("Destination", more + "m.ics"));
        var (status, text, response) = await _ann.SendAsync("GET", $"{_ann.Home}more-{_name}/m.ics");
        Assert.Equal(200, status);
        Assert.True(response.Headers.Contains("Schedule-Tag"));
        Assert.DoesNotContain("CANCELLED", text, StringComparison.Ordinal);
        // The URL of the owner is the same place.
        await _ben.ExpectAsync(201, "MOVE", $"{_ann.Home}more-{_name}/m.ics", null, ("Destination", places["write"] + "m2.ics"));
    }

    /// <summary>RFC 6638 §3.2.10: the answer to COPY and MOVE has the schedule tag of the destination.</summary>
    [Fact]
    public async Task A_moved_meeting_answers_with_its_schedule_tag()
    {
        var (from, to) = ($"{_ann.Calendar}{_name}.ics", $"{_ann.Calendar}{_name}-moved.ics");
        await _ann.ExpectAsync(201, "PUT", from, Meeting(_name));
        var (status, _, response) = await _ann.SendAsync("MOVE", from, null, null, ("Destination", to));
        Assert.Equal(201, status);
        Assert.Equal((await _ann.SendAsync("GET", to)).Response.Headers.GetValues("Schedule-Tag"), response.Headers.GetValues("Schedule-Tag"));
    }

    [Fact]
    public async Task A_meeting_stays_with_its_organizer_and_its_attendees()
    {
        var places = await PlacesAsync(isContact: false);
        await _ann.ExpectAsync(201, "PUT", $"{_ann.Home}write-{_name}/m.ics", Meeting(_name));
        Assert.Contains("allowed-organizer-scheduling-object-change", await _ben.ExpectAsync(403, "MOVE", places["write"] + "m.ics", null, ("Destination", places["own"] + "m.ics")), StringComparison.Ordinal);
        var invited = Assert.Single(await FindAsync(_ben, _ben.Calendar, _name));
        Assert.Contains("allowed-attendee-scheduling-object-change", await _ben.ExpectAsync(403, "MOVE", invited, null, ("Destination", places["write"] + "n.ics")), StringComparison.Ordinal);
        Assert.DoesNotContain("CANCELLED", await _ben.ExpectAsync(200, "GET", invited), StringComparison.Ordinal);
        Assert.Contains("PARTSTAT=NEEDS-ACTION", (await _ann.ExpectAsync(200, "GET", $"{_ann.Home}write-{_name}/m.ics")).Replace("\r\n ", "", StringComparison.Ordinal), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_shared_calendar_is_renamed_by_the_guest_and_copied_with_its_members()
    {
        var places = await PlacesAsync(isContact: false);
        await PutAsync(places["write"], "write", _name + "-1", isContact: false);
        await PutAsync(places["write"], "write", _name + "-2", isContact: false);
        var renamed = $"{_ben.Home}renamed-{_name}/";
        await _ben.ExpectAsync(201, "MOVE", places["write"], null, ("Destination", renamed));
        Assert.Equal(renamed, await _ben.MountOfAsync($"{_ann.Home}write-{_name}/"));
        Assert.Equal(200, await _ben.StatusAsync("GET", $"{renamed}{_name}-1.ics"));
        await _ann.ExpectAsync(200, "GET", $"{_ann.Home}write-{_name}/");

        var copy = $"{_ben.Home}copy-{_name}/";
        foreach (var (source, status) in new[] { (renamed, 201), (renamed, 204), (places["read"], 204) }) await _ben.ExpectAsync(status, "COPY", source, null, ("Destination", copy));
        await _ben.ExpectAsync(204, "COPY", renamed, null, ("Destination", copy));
        Assert.Equal(2, (await FindAsync(_ben, copy, _name)).Count);
        await _ben.ExpectAsync(204, "DELETE", $"{copy}{_name}-1.ics");
        Assert.Equal(200, await _ben.StatusAsync("GET", $"{renamed}{_name}-1.ics"));
        await _ben.ExpectAsync(412, "COPY", renamed, null, ("Destination", copy), ("Overwrite", "F"));

        // Neither the owner's calendar nor the owner's home is the guest's to change.
        await _ben.ExpectAsync(403, "MOVE", $"{_ann.Home}write-{_name}/", null, ("Destination", $"{_ben.Home}taken/"));
        await _ben.ExpectAsync(403, "COPY", copy, null, ("Destination", $"{_ann.Home}planted/"));
        await _ben.ExpectAsync(403, "MOVE", copy, null, ("Destination", $"{_ann.Home}planted/"));
        await _ben.ExpectAsync(403, "MOVE", copy, null, ("Destination", renamed));
        Assert.Equal(2, (await FindAsync(_ann, $"{_ann.Home}write-{_name}/", _name)).Count);
    }

    /// <summary>Guests find a calendar that its owner moved, whether their homes were told of it or not, even if something else is at its former place.</summary>
    [Theory]
    [InlineData(true, false, false)]
    [InlineData(true, true, false)]
    [InlineData(false, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    public async Task Guests_keep_a_calendar_that_its_owner_moves(bool told, bool replaced, bool isContact)
    {
        var mount = (await PlacesAsync(isContact))["write"];
        var home = isContact ? $"/dav/addressbooks/{_ann.User}/" : _ann.Home;
        var (was, now) = ($"{home}write-{_name}/", $"{home}moved-{_name}/");
        var member = await PutAsync(mount, "write", _name, isContact);
        if (told) await _ann.ExpectAsync(201, "MOVE", was, null, ("Destination", now));
        else await MoveQuietlyAsync(isContact);
        if (replaced)
        {
            await MakeAsync(_ann, was, isContact);
            await _ann.ExpectAsync(200, "POST", was, $"<S:share {DavSession.Names}><S:set><D:href>mailto:{_ben.User}</D:href><S:read-write/></S:set></S:share>");
        }

        var listed = await _ben.ExpectAsync(207, "PROPFIND", mount, $"<D:propfind {DavSession.Names}><D:prop><S:shared-url/></D:prop></D:propfind>", ("Depth", "1"));
        Assert.Contains(member, listed, StringComparison.Ordinal);
        Assert.Equal(now, XElement.Parse(listed).Descendants(XName.Get("shared-url", "http://calendarserver.org/ns/")).First(static url => url.Value.Length > 0).Value);
        await _ben.ExpectAsync(204, "PUT", member, isContact ? DavSession.Card(_name) + "\r\n" : DavSession.Event(_name, "DTSTART:20280101T100000Z"));
        var second = await PutAsync(mount, "write", _name + "-2", isContact);
        await _ben.ExpectAsync(201, "MOVE", second, null, ("Destination", second.Replace("-2.", "-3.", StringComparison.Ordinal)));
        Assert.Equal(200, await _ann.StatusAsync("GET", now + Path.GetFileName(second).Replace("-2.", "-3.", StringComparison.Ordinal)));
        if (!replaced) Assert.Equal(404, await _ann.StatusAsync("GET", was));

        // The guest can leave it, and its owner sees that.
        await _ben.ExpectAsync(204, "DELETE", mount);
        Assert.Equal(404, await _ben.StatusAsync("GET", now));
    }

    [Fact]
    public async Task A_shared_calendar_that_is_replaced_leaves_the_homes_of_its_guests()
    {
        var places = await PlacesAsync(isContact: false);
        await _ann.ExpectAsync(204, "MOVE", $"{_ann.Home}hidden-{_name}/", null, ("Destination", $"{_ann.Home}read-{_name}/"));
        Assert.Equal(404, await _ben.StatusAsync("GET", places["read"]));
        Assert.Equal(404, await _ben.StatusAsync("GET", $"{_ann.Home}read-{_name}/"));
    }

    [Fact]
    public async Task A_default_calendar_that_is_moved_stays_the_default()
    {
        await _ann.ExpectAsync(201, "MKCALENDAR", $"{_ann.Home}default-{_name}/");
        await _ann.ExpectAsync(207, "PROPPATCH", _ann.Home + "inbox/", $"<D:propertyupdate {DavSession.Names}><D:set><D:prop><C:schedule-default-calendar-URL><D:href>{_ann.Home}default-{_name}/</D:href></C:schedule-default-calendar-URL></D:prop></D:set></D:propertyupdate>");
        await _ann.ExpectAsync(201, "MOVE", $"{_ann.Home}default-{_name}/", null, ("Destination", $"{_ann.Home}other-{_name}/"));
        var found = await _ann.ExpectAsync(207, "PROPFIND", _ann.Home + "inbox/", $"<D:propfind {DavSession.Names}><D:prop><C:schedule-default-calendar-URL/></D:prop></D:propfind>", ("Depth", "0"));
        Assert.Contains($"<D:href>{_ann.Home}other-{_name}/</D:href>", found, StringComparison.Ordinal);
        await _ann.ExpectAsync(204, "DELETE", $"{_ann.Home}other-{_name}/");
    }

    [Fact]
    public async Task A_birthday_can_be_copied_but_not_moved_to_a_shared_calendar()
    {
        var places = await PlacesAsync(isContact: false);
        await _ben.ExpectAsync(201, "PUT", _ben.Contacts + _name + ".vcf", DavSession.Card(_name).Replace("FN:x", "FN:x\r\nBDAY:1980-01-02", StringComparison.Ordinal));
        var birthday = (await FindAsync(_ben, _ben.Home + "birthdays/", "")).First();
        await _ben.ExpectAsync(403, "MOVE", birthday, null, ("Destination", places["write"] + "b.ics"));
        Assert.Equal(404, await _ben.StatusAsync("GET", places["write"] + "b.ics"));
        await _ben.ExpectAsync(201, "COPY", birthday, null, ("Destination", places["write"] + "b.ics"));
    }

    /// <summary>Moves Ann's collection as if the server had stopped before it told the guests.</summary>
    private async Task MoveQuietlyAsync(bool isContact)
    {
        var home = CollectionPath.HomeOf(isContact ? CollectionSpace.AddressBooks : CollectionSpace.Calendars);
        var collections = node.Actors.Collections();
        for (var id = 1; id < 10; id++)
        {
            var found = await collections.AskAsync(new AccountId(id), new CollectionRequest.Find(home.Child("write-" + _name), WithBody: false), default);
            if (found is not CollectionReply.ItemFound) continue;
            Assert.IsType<CollectionReply.Stored>(await collections.AskAsync(new AccountId(id), new CollectionRequest.Transfer(home.Child("write-" + _name), home.Child("moved-" + _name), Move: true, Overwrite: false, Deep: true), default));
            return;
        }

        Assert.Fail("no account has the collection");
    }

    private static string Meeting(string uid) => DavSession.Event(uid, $"DTSTART:20270101T100000Z\r\nORGANIZER:mailto:{TestNode.Ann}\r\nATTENDEE:mailto:{TestNode.Ann}\r\nATTENDEE;PARTSTAT=NEEDS-ACTION:mailto:{TestNode.Ben}");

    private async Task<Dictionary<string, string>> PlacesAsync(bool isContact)
    {
        var (ann, ben) = isContact ? ($"/dav/addressbooks/{_ann.User}/", $"/dav/addressbooks/{_ben.User}/") : (_ann.Home, _ben.Home);
        var places = new Dictionary<string, string> { ["own"] = $"{ben}own-{_name}/", ["write"] = $"{ann}write-{_name}/", ["read"] = $"{ann}read-{_name}/", ["hidden"] = $"{ann}hidden-{_name}/" };
        foreach (var (place, url) in places) await MakeAsync(place == "own" ? _ben : _ann, url, isContact);
        places["write"] = await _ann.ShareAsync(_ben, places["write"], "read-write");
        places["read"] = await _ann.ShareAsync(_ben, places["read"], "read");
        return places;
    }

    private static Task MakeAsync(DavSession who, string url, bool isContact) => isContact
        ? who.ExpectAsync(201, "MKCOL", url, $"<D:mkcol {DavSession.Names}><D:set><D:prop><D:resourcetype><D:collection/><A:addressbook/></D:resourcetype></D:prop></D:set></D:mkcol>")
        : who.ExpectAsync(201, "MKCALENDAR", url);

    /// <summary>Stores an object as whoever may; returns its URL for Ben.</summary>
    private async Task<string> PutAsync(string place, string kind, string uid, bool isContact)
    {
        var name = uid + (isContact ? ".vcf" : ".ics");
        var home = isContact ? $"/dav/addressbooks/{_ann.User}/" : _ann.Home;
        var (who, url) = kind is "read" or "hidden" ? (_ann, $"{home}{kind}-{_name}/{name}") : (_ben, place + name);
        await who.ExpectAsync(201, "PUT", url, isContact ? DavSession.Card(uid) : DavSession.Event(uid));
        return place + name;
    }

    private static async Task<List<string>> FindAsync(DavSession who, string calendar, string uid)
    {
        var query = $"<C:calendar-query {DavSession.Names}><D:prop><D:getetag/></D:prop><C:filter><C:comp-filter name='VCALENDAR'><C:comp-filter name='VEVENT'><C:prop-filter name='UID'><C:text-match>{uid}</C:text-match></C:prop-filter></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>";
        return [.. System.Xml.Linq.XElement.Parse(await who.ExpectAsync(207, "REPORT", calendar, query, ("Depth", "1"))).Descendants(System.Xml.Linq.XName.Get("href", "DAV:")).Select(static href => href.Value)];
    }
}
