"""Prints everything that clients and commands see of a server as JSON."""
import hashlib
import re

from clients import *

VOLATILE = {"attempts", "next_attempt", "next", "last_error", "last_used", "state", "status", "last_reply", "reply"}
snapshot = {}

for user in USERS:
    client = imap(user)
    folders = sorted(re.search(rb'"/" "?([^"]+)"?$', line)[1].decode() for line in client.list()[1])
    snapshot[f"{user} subscriptions"] = sorted(line.decode() for line in client.lsub()[1] if line)
    for folder in folders:
        client.select(f'"{folder}"', readonly=True)
        rows = {"UIDVALIDITY": client.response("UIDVALIDITY")[1][0].decode()}
        for part in client.uid("FETCH", "1:*", "(UID FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODYSTRUCTURE BODY.PEEK[])")[1]:
            if not isinstance(part, tuple):
                continue
            facts = part[0].decode()
            flags = sorted(set(re.search(r"FLAGS \(([^)]*)\)", facts)[1].split()) - {"\\Recent"})
            uid = re.search(r"UID (\d+)", facts)[1]
            rest = re.sub(r"^\d+ |UID \d+ ?|FLAGS \([^)]*\) ?", "", facts)
            rows[uid] = [" ".join(flags), rest, hashlib.sha256(part[1]).hexdigest()]
        snapshot[f"{user} {folder}"] = rows
    client.logout()
    for home in ["calendars", "addressbooks"]:
        status, _, body = dav("PROPFIND", f"/dav/{home}/{user}/", user, Depth="1")
        if status != 207:
            continue
        hrefs = [h for h in re.findall(r"<(?:\w+:)?href>([^<]*/)</", body.decode()) if h.count("/") == 5 and home in h]
        for collection in sorted(set(hrefs)):
            if re.search(r"/(inbox|outbox|notifications?)/$", collection):
                continue
            status, _, body = dav("PROPFIND", collection, user, Depth="1")
            for href in sorted(set(re.findall(r"<(?:\w+:)?href>([^<]*[^/<])</", body.decode()))):
                status, headers, content = dav("GET", href, user)
                snapshot[f"{user} {href}"] = [status, headers.get("ETag"), hashlib.sha256(content).hexdigest()]

for arguments in [
    ("domain", "list"), ("user", "list"), ("alias", "list"), ("user", "app-password", "list", USERS[0]), ("bans", "list"), ("user", "admin", "list"), ("queue", "list"),
]:
    rows = listing(*arguments)
    if rows is not None:
        snapshot[" ".join(arguments)] = [{k: v for k, v in row.items() if k not in VOLATILE} for row in rows]

print(json.dumps(snapshot, indent=1, ensure_ascii=False))
