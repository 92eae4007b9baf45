using System.Globalization;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Scheduling;

/// <summary>Scheduling with python3-caldav: an invitation, its acceptance from the inbox, free-busy through the outbox.</summary>
public sealed class PythonCaldavSchedulingTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const string Script = """
        import sys, caldav
        from datetime import datetime, timezone
        url, alice, bob, password = sys.argv[1:]
        def user(name): return caldav.DAVClient(url=url, username=name, password=password, ssl_verify_cert=False).principal()
        a, b = user(alice), user(bob)
        calendar = [c for c in a.calendars() if c.url.path.endswith('/calendar/')][0]
        meeting = '''BEGIN:VCALENDAR
        VERSION:2.0
        PRODID:-//python//EN
        BEGIN:VEVENT
        UID:python-meeting
        DTSTAMP:20261101T000000Z
        DTSTART:20261201T090000Z
        DTEND:20261201T100000Z
        SUMMARY:Python
        END:VEVENT
        END:VCALENDAR
        '''
        saved = calendar.save_with_invites(meeting, [b])
        items = list(b.schedule_inbox().get_items())
        print('inbox', len(items), items[0].is_invite_request())
        mine = [c for c in b.calendars() if c.url.path.endswith('/calendar/')][0]
        items[0].accept_invite(calendar=mine)
        saved.load()
        for line in str(saved.data).replace('\r\n ', '').replace('\n ', '').splitlines():
            if bob in line: print('answer', 'ACCEPTED' in line)
        busy = a.freebusy_request(datetime(2026, 12, 1, tzinfo=timezone.utc), datetime(2026, 12, 2, tzinfo=timezone.utc), [bob])
        print("busy", busy is not None)
        """;

    [ClientFact("/usr/lib/python3/dist-packages/caldav/__init__.py")]
    public async Task An_invitation_is_sent_and_accepted()
    {
        var bob = await Server.AddUserAsync("bob");
        var url = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Server.Ports.Dav}/");
        var script = Configure("meeting.py", Script);
        var run = await RunAsync("/usr/bin/python3", ["-W", "ignore", script, url, User, bob, ServerProcess.Password]);
        Assert.Contains("inbox 1 True", run.Output, StringComparison.Ordinal);
        Assert.Contains("answer True", run.Output, StringComparison.Ordinal);
        Assert.Contains("busy True", run.Output, StringComparison.Ordinal);
    }
}
