"""Creates some objects of every kind on a running server."""
import random
import time

from clients import *

chance = random.Random(7)


def letter(subject, size, sender="friend@elsewhere.example"):
    lines = "\r\n".join("".join(chance.choice("abcdefghij äöü") for _ in range(70)) for _ in range(size // 70))
    return f"From: {sender}\r\nTo: ann@example.test\r\nSubject: {subject}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{lines}\r\n".encode()


for user in USERS:
    cli("user", "add", user, "--password", PASSWORD)
    client = imap(user)
    for folder in ["Work", "Work/2026", "&AMQ-lteres"]:
        client.create(folder)
        client.subscribe(folder)
    for number in range(40):
        flags = " ".join(f for f in ["\\Seen", "\\Answered", "\\Flagged", "\\Draft", "$Forwarded", "project"] if chance.random() < 0.3)
        when = imaplib.Time2Internaldate(time.mktime((2021, 1 + number % 12, 3, 4, 5, 6, 0, 0, 0)))
        client.append(["INBOX", "Sent", "Work", "Work/2026"][number % 4], f"({flags})", when, letter(f"{user} {number}", chance.randrange(100, 9_000)))
    client.select("INBOX")
    client.store("2:3", "+FLAGS", "(\\Deleted)")
    client.expunge()
    client.copy("1:3", "Work")
    client.logout()

cli("alias", "add", "info@example.test", *USERS)
receive(["info@example.test"], letter("to all", 3_000))
submit(USERS[0], ["nobody@elsewhere.example", USERS[1]], letter("out", 500, USERS[0]))

for user in USERS:
    event = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\nBEGIN:VEVENT\r\nUID:{0}\r\nDTSTAMP:20260101T000000Z\r\nDTSTART:20260201T100000Z\r\nDTEND:20260201T110000Z\r\nRRULE:FREQ=WEEKLY;COUNT=9\r\nSUMMARY:{0}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
    card = "BEGIN:VCARD\r\nVERSION:3.0\r\nUID:{0}\r\nFN:Person {0}\r\nN:{0};Person;;;\r\nEMAIL:{0}@elsewhere.example\r\nEND:VCARD\r\n"
    for kind, home, ending, text in [("text/calendar", "calendars", "ics", event), ("text/vcard", "addressbooks", "vcf", card)]:
        collection = {"calendars": "calendar", "addressbooks": "contacts"}[home]
        for number in range(5):
            status, _, body = dav("PUT", f"/dav/{home}/{user}/{collection}/{number}.{ending}", user, text.format(f"{number}"), Content_Type=f"{kind}; charset=utf-8")
            if status == 404:
                print(f"  not supported yet: {home}")
                break
            assert status == 201, (status, body)

for what, arguments in {
    "app passwords": ("user", "app-password", "add", USERS[0], "phone"),
    "bans": ("bans", "add", "192.0.2.7", "--for", "2d", "--reason", "scans"),
    "administrators": ("user", "admin", "grant", USERS[0]),
}.items():
    if cli(*arguments, optional=True) is None:
        print(f"  not supported yet: {what}")
time.sleep(2)
