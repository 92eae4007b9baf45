using System.Net;
using MailServer.EndToEnd.Tests.Server;
using static MailServer.EndToEnd.Tests.Scheduling.Invitations;

namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>Scheduling between two accounts of one server (RFC 6638).</summary>
[Collection(SharedDavServerCollection.Name)]
public sealed class LocalSchedulingTests(SharedServer shared) : IAsyncLifetime, IDisposable
{
    private readonly string _uid = NewUid();
    private DavUser? _alice;
    private DavUser? _bob;

    private DavUser Alice => _alice ?? throw new InvalidOperationException("not started");

    private DavUser Bob => _bob ?? throw new InvalidOperationException("not started");

    public async Task InitializeAsync()
    {
        _alice = new DavUser(shared.Server, await shared.Server.AddUserAsync("alice"));
        _bob = new DavUser(shared.Server, await shared.Server.AddUserAsync("bob"));
        await _alice.ReadyAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        _alice?.Dispose();
        _bob?.Dispose();
    }

    [Fact]
    public async Task An_invitation_reaches_the_calendar_and_the_reply_returns()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        Assert.Contains($"SCHEDULE-STATUS=1.2:mailto:{Bob.Address}", await Alice.GetAsync(Alice.Calendar + "m.ics"), StringComparison.Ordinal);
        var (copy, text) = await Bob.ExpectAsync(_uid, "SUMMARY:Meeting");
        Assert.DoesNotContain("METHOD", text, StringComparison.Ordinal);
        var item = Assert.Single(await Bob.ListAsync(Bob.Inbox));
        Assert.Contains("METHOD:REQUEST", await Bob.GetAsync(item), StringComparison.Ordinal);

        using var answer = await Bob.SendAsync("PUT", copy, text.Replace($"PARTSTAT=NEEDS-ACTION;RSVP=TRUE:mailto:{Bob.Address}", $"PARTSTAT=ACCEPTED:mailto:{Bob.Address}", StringComparison.Ordinal));
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        var (_, answered) = await Alice.ExpectAsync(_uid, "PARTSTAT=ACCEPTED;RSVP=TRUE;");
        Assert.Contains("SCHEDULE-STATUS=2.0", answered, StringComparison.Ordinal);
        Assert.Contains("METHOD:REPLY", await Alice.GetAsync(Assert.Single(await Alice.ListAsync(Alice.Inbox))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_series_is_changed_one_instance_is_cancelled_and_the_whole_series_is_removed()
    {
        string Series(string more) => Object(Event(_uid, Weekly + "\n" + more, Alice.Address, Bob.Address));
        await Alice.PutAsync("s.ics", Series("SUMMARY:Series"));
        await Bob.ExpectAsync(_uid, "SUMMARY:Series");
        await Alice.PutAsync("s.ics", Series("SUMMARY:Other"));
        await Bob.ExpectAsync(_uid, "SUMMARY:Other");
        await Alice.PutAsync("s.ics", Series("SUMMARY:Other\nEXDATE:20261208T090000Z"));
        await Bob.ExpectAsync(_uid, "EXDATE:20261208T090000Z");
        using var gone = await Alice.SendAsync("DELETE", Alice.Calendar + "s.ics");
        Assert.Equal(HttpStatusCode.NoContent, gone.StatusCode);
        await Bob.ExpectAsync(_uid, "STATUS:CANCELLED");
        Assert.Equal(4, (await Bob.ListAsync(Bob.Inbox)).Count);
    }

    [Fact]
    public async Task Removing_an_invitation_declines_it_unless_scheduling_is_suppressed()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        var (copy, _) = await Bob.ExpectAsync(_uid, "SUMMARY");
        Assert.Equal(HttpStatusCode.NoContent, (await Bob.TryAsync("DELETE", copy)).Status);
        await Alice.ExpectAsync(_uid, "PARTSTAT=DECLINED");

        var second = NewUid();
        await Alice.PutAsync("n.ics", Meeting(second, Alice.Address, Bob.Address));
        (copy, _) = await Bob.ExpectAsync(second, "SUMMARY");
        Assert.Equal(HttpStatusCode.NoContent, (await Bob.TryAsync("DELETE", copy, headers: ("Schedule-Reply", "F"))).Status);
        Assert.DoesNotContain("DECLINED", (await Alice.FindAsync(second))!.Value.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_schedule_status_is_recorded_per_recipient_and_an_attendee_cannot_remove_themselves()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        var (copy, text) = await Bob.ExpectAsync(_uid, "SUMMARY");
        await Bob.TryAsync("PUT", copy, text.Replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=TENTATIVE", StringComparison.Ordinal));
        await Alice.ExpectAsync(_uid, "PARTSTAT=TENTATIVE");
        var (_, answered) = await Bob.ExpectAsync(_uid, "SCHEDULE-STATUS");
        Assert.All(answered.Split('\n').Where(l => l.Contains("SCHEDULE-STATUS", StringComparison.Ordinal)), l => Assert.StartsWith("ORGANIZER", l, StringComparison.Ordinal));
        var stored = (await Alice.GetAsync(Alice.Calendar + "m.ics"))!;
        Assert.All(stored.Split('\n').Where(l => l.Contains("SCHEDULE-STATUS", StringComparison.Ordinal)), l => Assert.Contains(Bob.Address, l, StringComparison.Ordinal));

        var without = string.Concat(answered.Split('\n').Where(l => l.Length > 0 && !(l.StartsWith("ATTENDEE", StringComparison.Ordinal) && l.Contains(Bob.Address, StringComparison.Ordinal))).Select(l => l + "\n"));
        await RefusedAsync(Bob, "PUT", copy, without, "allowed-attendee-scheduling-object-change");
    }

    [Fact]
    public async Task An_unknown_local_attendee_gets_a_schedule_status()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, $"nobody@{shared.Server.Domain}"));
        Assert.Contains($"SCHEDULE-STATUS=3.7:mailto:nobody@{shared.Server.Domain}", await Alice.GetAsync(Alice.Calendar + "m.ics"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Changes_that_the_RFC_forbids_are_refused_with_their_precondition()
    {
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        var (copy, text) = await Bob.ExpectAsync(_uid, "SUMMARY");
        await RefusedAsync(Bob, "PUT", copy, text.Replace("DTEND:20261201T10", "DTEND:20261201T11", StringComparison.Ordinal), "allowed-attendee-scheduling-object-change");
        await RefusedAsync(Alice, "PUT", Alice.Calendar + "m.ics", Meeting(_uid, "else@where.test", Bob.Address), "allowed-organizer-scheduling-object-change");
        var two = Object(Event(_uid, Weekly, Alice.Address, Bob.Address), Event(_uid, Times + "\nRECURRENCE-ID:20261201T090000Z", Bob.Address, Alice.Address));
        await RefusedAsync(Alice, "PUT", Alice.Calendar + "two.ics", two, "same-organizer-in-all-components");
        Assert.Equal(HttpStatusCode.Created, (await Alice.TryAsync("MKCALENDAR", Alice.Home + "other/")).Status);
        await RefusedAsync(Alice, "PUT", Alice.Home + "other/m.ics", Meeting(_uid, Alice.Address, Bob.Address), "unique-scheduling-object-resource");
        await RefusedAsync(Alice, "PUT", Alice.Inbox + "x.ics", Meeting(NewUid(), Alice.Address, Bob.Address), "calendar-collection-location-ok");
        await RefusedAsync(Alice, "DELETE", Alice.Inbox, null, "calendar-collection-location-ok");
    }

    [Fact]
    public async Task The_schedule_tag_is_unchanged_by_replies()
    {
        var tag = await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        var (copy, text) = await Bob.ExpectAsync(_uid, "SUMMARY");
        await Bob.TryAsync("PUT", copy, text.Replace("PARTSTAT=NEEDS-ACTION", "PARTSTAT=TENTATIVE", StringComparison.Ordinal));
        await Alice.ExpectAsync(_uid, "PARTSTAT=TENTATIVE");
        Assert.Contains(tag.Trim('"'), await Alice.PropFindAsync(Alice.Calendar + "m.ics", "<C:schedule-tag/>"), StringComparison.Ordinal);

        var changed = Meeting(_uid, Alice.Address, Bob.Address).Replace("SUMMARY:Meeting", "SUMMARY:Later", StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await Alice.TryAsync("PUT", Alice.Calendar + "m.ics", changed, ("If-Schedule-Tag-Match", "\"other\""))).Status);
        var next = await Alice.PutAsync("m.ics", changed, ("If-Schedule-Tag-Match", tag));
        Assert.NotEqual(tag, next);
        var stored = await Alice.GetAsync(Alice.Calendar + "m.ics");
        Assert.Contains("PARTSTAT=TENTATIVE", stored, StringComparison.Ordinal);
        Assert.Contains("SUMMARY:Later", stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Clients_discover_the_scheduling_properties()
    {
        var alias = $"also.{Alice.Address}";
        (await shared.Server.CliAsync("alias", "add", alias, Alice.Address)).Succeeded();
        using var options = await Alice.SendAsync("OPTIONS", Alice.Home);
        Assert.Contains("calendar-auto-schedule", string.Join(',', options.Headers.GetValues("DAV")), StringComparison.Ordinal);
        var principal = await Alice.PropFindAsync($"/dav/principals/{Alice.Address}/", "<C:schedule-inbox-URL/><C:schedule-outbox-URL/><C:calendar-user-address-set/><C:calendar-user-type/>");
        foreach (var wanted in new[] { Alice.Inbox, Alice.Home + "outbox/", $"mailto:{Alice.Address}", $"mailto:{alias}", "INDIVIDUAL" }) Assert.Contains(wanted, principal, StringComparison.Ordinal);
        var boxes = await Alice.PropFindAsync(Alice.Home, "<D:resourcetype/><C:schedule-default-calendar-URL/><C:schedule-calendar-transp/><D:current-user-privilege-set/>", depth: 1);
        foreach (var wanted in new[] { "<C:schedule-inbox/>", "<C:schedule-outbox/>", "<C:opaque/>", "<C:schedule-send-invite/>", "<C:schedule-deliver-reply/>" }) Assert.Contains(wanted, boxes, StringComparison.Ordinal);

        await Alice.PutAsync("m.ics", Object(Event(_uid, Times, alias, Bob.Address)));
        await Bob.ExpectAsync(_uid, $"ORGANIZER;CN=Organizer:mailto:{alias}");
    }

    [Fact]
    public async Task Invitations_are_stored_in_the_default_calendar_of_the_user()
    {
        await Bob.TryAsync("MKCALENDAR", Bob.Home + "work/");
        Assert.Equal((HttpStatusCode)207, (await ChooseAsync(Bob.Home + "work/")).Status);
        Assert.Contains("valid-schedule-default-calendar-URL", (await ChooseAsync(Bob.Home + "missing/")).Body + (await ChooseAsync(Alice.Calendar)).Body, StringComparison.Ordinal);
        await Alice.PutAsync("m.ics", Meeting(_uid, Alice.Address, Bob.Address));
        await Eventually.BecomesTrueAsync(async () => (await Bob.ListAsync(Bob.Home + "work/")).Count == 1, "an invitation in the chosen calendar");
    }

    [Fact]
    public async Task Others_see_free_busy_information_and_nothing_else()
    {
        async Task StoreAsync(string name, string lines) => Assert.Equal(HttpStatusCode.Created, (await Bob.TryAsync("PUT", Bob.Calendar + name, Object($"BEGIN:VEVENT\nUID:{NewUid()}\nDTSTAMP:20261101T000000Z\nSUMMARY:Secret\n{lines}\nEND:VEVENT\n"))).Status);
        await StoreAsync("a.ics", "DTSTART:20261201T090000Z\nDTEND:20261201T100000Z");
        await StoreAsync("b.ics", "DTSTART:20261201T110000Z\nDTEND:20261201T120000Z\nTRANSP:TRANSPARENT");
        var (status, body) = await AskAsync(Alice.Address, Bob.Address, $"nobody@{shared.Server.Domain}", "someone@elsewhere.test");
        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Contains("FBTYPE=BUSY:20261201T090000Z/20261201T100000Z", body, StringComparison.Ordinal);
        Assert.DoesNotContain("20261201T110000Z", body, StringComparison.Ordinal);
        Assert.DoesNotContain("Secret", body, StringComparison.Ordinal);
        Assert.Equal(2, body.Split("<C:request-status>3.7;").Length - 1);
        Assert.Contains("METHOD:REPLY", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Forbidden, (await AskAsync(Bob.Address, Bob.Address)).Status);

        await Bob.TryAsync("PROPPATCH", Bob.Calendar, "<D:propertyupdate xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><C:schedule-calendar-transp><C:transparent/></C:schedule-calendar-transp></D:prop></D:set></D:propertyupdate>");
        Assert.DoesNotContain("FBTYPE", (await AskAsync(Alice.Address, Bob.Address)).Body, StringComparison.Ordinal);
    }

    private Task<(HttpStatusCode Status, string Body)> AskAsync(string organizer, params string[] attendees) => Alice.TryAsync(
        "POST", Alice.Home + "outbox/",
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//test//EN\nMETHOD:REQUEST\nBEGIN:VFREEBUSY\nUID:fb\nDTSTAMP:20261101T000000Z\nDTSTART:20261201T000000Z\nDTEND:20261202T000000Z\n"
        + $"ORGANIZER:mailto:{organizer}\n" + string.Concat(attendees.Select(a => $"ATTENDEE:mailto:{a}\n")) + "END:VFREEBUSY\nEND:VCALENDAR\n");

    private Task<(HttpStatusCode Status, string Body)> ChooseAsync(string calendar) => Bob.TryAsync(
        "PROPPATCH", Bob.Inbox,
        $"<D:propertyupdate xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:caldav'><D:set><D:prop><C:schedule-default-calendar-URL><D:href>{calendar}</D:href></C:schedule-default-calendar-URL></D:prop></D:set></D:propertyupdate>");

    private static async Task RefusedAsync(DavUser user, string method, string path, string? body, string condition)
    {
        var (status, answer) = await user.TryAsync(method, path, body);
        Assert.Equal(HttpStatusCode.Forbidden, status);
        Assert.Contains(condition, answer, StringComparison.Ordinal);
    }
}
