using System.Globalization;
using MailServer.EndToEnd.Tests.ExternalClients;
using MailServer.EndToEnd.Tests.Server;

namespace MailServer.EndToEnd.Tests.Dav;

/// <summary>python3-caldav on a calendar: creation and removal, searches with expansion, tasks, sync tokens, free-busy queries.</summary>
public sealed class PythonCaldavTests(SharedServer shared) : ExternalClientTest(shared)
{
    private const string Script = """
        import sys, caldav
        from caldav.lib import error
        from datetime import datetime, timezone
        url, user, password = sys.argv[1:]
        principal = caldav.DAVClient(url=url, username=user, password=password, ssl_verify_cert=False).principal()
        def at(month, day): return datetime(2026, month, day, tzinfo=timezone.utc)
        def object(kind, uid, lines):
            return '\r\n'.join(['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//python//EN', 'BEGIN:' + kind, 'UID:' + uid,
                'DTSTAMP:20261101T000000Z'] + lines + ['END:' + kind, 'END:VCALENDAR', ''])

        calendar = principal.make_calendar(name='Snake & <egg>', cal_id='snake')
        print('calendars', sorted(str(c.name) for c in principal.calendars()).count('Snake & <egg>'))
        weekly = calendar.save_event(object('VEVENT', 'weekly', ['DTSTART:20261102T090000Z', 'DTEND:20261102T100000Z',
            'RRULE:FREQ=WEEKLY;COUNT=10', 'EXDATE:20261116T090000Z', 'SUMMARY:Weekly']))
        once = calendar.save_event(object('VEVENT', 'once', ['DTSTART:20261105T090000Z', 'DURATION:PT2H', 'SUMMARY:Once']))
        print('events', len(calendar.events()))

        def starts(found): return sorted(e.vobject_instance.vevent.dtstart.value.strftime('%m-%d') for e in found)
        print('expanded', starts(calendar.search(start=at(11, 1), end=at(12, 1), event=True, expand=True)))
        print('masters', len(calendar.search(start=at(11, 17), end=at(11, 30), event=True, expand=False)))
        print('none', len(calendar.search(start=at(11, 15), end=at(11, 17), event=True, expand=True)))
        print('summary', len(calendar.search(summary='Once', event=True)))
        print('uid', calendar.event_by_uid('once').vobject_instance.vevent.summary.value)

        tasks = principal.make_calendar(name='Tasks of the snake', cal_id='snake-tasks', supported_calendar_component_set=['VTODO'])
        tasks.save_todo(object('VTODO', 'shed', ['DUE:20261110T090000Z', 'SUMMARY:Shed the skin', 'PRIORITY:1']))
        tasks.save_todo(object('VTODO', 'sleep', ['SUMMARY:Sleep']))
        print('todos', len(tasks.todos()))
        tasks.todo_by_uid('sleep').complete()
        print('pending', [t.vobject_instance.vtodo.uid.value for t in tasks.todos()], 'all', len(tasks.todos(include_completed=True)))
        try: print('refused', tasks.save_event(object('VEVENT', 'no', ['DTSTART:20261110T090000Z'])))
        except error.DAVError as e: print('refused as it should')

        seen = calendar.objects_by_sync_token(load_objects=True)
        print('synced', len(list(seen)))
        print('unchanged', len(list(calendar.objects_by_sync_token(sync_token=seen.sync_token))))
        once.vobject_instance.vevent.summary.value = 'Twice'
        once.save()
        added = calendar.save_event(object('VEVENT', 'added', ['DTSTART:20261120T090000Z', 'DURATION:PT1H', 'SUMMARY:Added']))
        delta = calendar.objects_by_sync_token(sync_token=seen.sync_token, load_objects=True)
        print('changed', sorted(o.vobject_instance.vevent.summary.value for o in delta))
        weekly.delete()
        updated, deleted = seen.sync()
        print('updated', len(list(updated)), 'deleted', len(list(deleted)))

        busy = calendar.freebusy_request(at(11, 1), at(12, 1))
        print('busy', sorted(line.split(':', 1)[1] for line in str(busy.data).replace('\r', '').splitlines() if line.startswith('FREEBUSY')))
        print('outbox', principal.freebusy_request(at(11, 1), at(12, 1), [user]) is not None)
        calendar.delete()
        tasks.delete()
        print('left', [c.name for c in principal.calendars() if 'nake' in str(c.name)])
        """;

    [ClientFact("/usr/lib/python3/dist-packages/caldav/__init__.py")]
    public async Task A_calendar_is_created_searched_synchronized_and_removed()
    {
        var url = string.Create(CultureInfo.InvariantCulture, $"https://127.0.0.1:{Server.Ports.Dav}/");
        var script = Configure("snake.py", Script);
        var run = await RunAsync("/usr/bin/python3", ["-W", "ignore", script, url, User, ServerProcess.Password]);
        string[] expected =
        [
            "calendars 1",
            "events 2",
            "expanded ['11-02', '11-05', '11-09', '11-23', '11-30']",
            "masters 1",
            "none 0",
            "summary 1",
            "uid Once",
            "todos 2",
            "pending ['shed'] all 2",
            "refused as it should",
            "synced 2",
            "unchanged 0",
            "changed ['Added', 'Twice']",
            "updated 2 deleted 1",
            "busy ['20261105T090000Z/20261105T110000Z', '20261120T090000Z/20261120T100000Z']",
            "outbox True",
            "left []",
        ];
        Assert.Equal(expected, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
    }
}
