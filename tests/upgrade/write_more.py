"""Checks that the server accepts new mail, flags and events on top of the older data."""
from clients import *

for user in USERS:
    client = imap(user)
    client.select("INBOX")
    last = int(client.uid("SEARCH", "ALL")[1][0].split()[-1])
    receive([user], b"From: friend@elsewhere.example\r\nSubject: after\r\n\r\nafter\r\n")
    client.noop()
    found = [int(uid) for uid in client.uid("SEARCH", "SUBJECT", "after")[1][0].split()]
    assert len(found) == 1 and found[0] > last, (found, last)
    client.logout()
    status, _, body = dav("PUT", f"/dav/calendars/{user}/calendar/after.ics", user,
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:after\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260301T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        Content_Type="text/calendar; charset=utf-8")
    assert status == 201, (status, body)

print(cli("check").strip().splitlines()[-1])
