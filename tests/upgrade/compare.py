"""Prints what of an older snapshot is missing or different in a newer one. With --more the newer may have more messages."""
import json
import sys

older, newer = (json.load(open(name)) for name in sys.argv[1:3])
more = "--more" in sys.argv
differences = []


def compare(place, was, is_now):
    if isinstance(was, dict) and isinstance(is_now, dict):
        for key, value in was.items():
            compare(f"{place} / {key}", value, is_now.get(key))
        if not more and any(key.isdigit() for key in is_now.keys() - was.keys()):
            differences.append(f"{place}: new UIDs {sorted(is_now.keys() - was.keys())}")
    elif isinstance(was, list) and isinstance(is_now, list) and len(was) == len(is_now):
        for number, (one, other) in enumerate(zip(was, is_now)):
            compare(f"{place} / {number}", one, other)
    elif was != is_now:
        differences.append(f"{place}: was {was}, is {is_now}")


compare("", older, newer)
print(*differences[:30], sep="\n", end="" if not differences else "\n")
assert older.get("queue list"), "nothing was queued"
assert any(key.endswith("INBOX") and len(rows) > 5 for key, rows in older.items()), "the older snapshot has no mail"
dav = sum("/dav/" in key for key in older)
print(f"  compared {sum(len(v) for v in older.values())} objects in {len(older)} groups: {len(differences)} differ ({dav} DAV resources)")
sys.exit(1 if differences else 0)
