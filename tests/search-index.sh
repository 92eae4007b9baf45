#!/bin/bash
# usage: tests/search-index.sh [MESSAGES] [ROUNDS]
# What the text index of a mailbox costs and gives: imports MESSAGES (default 100000) of 1 to 10 KB into one folder of a server without the index, measures searches, starts the server with the index,
# measures how long it takes to fill, its size, and the same searches; both results must be the same. Then it compares the rate of deliveries to a server with the index and to one without, in turn.
# Needs the SDK and python3; everything is in a temporary folder and listens on loopback.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
messages=${1:-100000} rounds=${2:-7} domain=index.test password=index-pass-9
[ -n "${NO_BUILD:-}" ] || { dotnet build src/MailServer -c Release -v q --nologo; dotnet build tests/MailServer.Load -c Release -v q --nologo; }
server=artifacts/bin/MailServer/release/mailserver.dll load=artifacts/bin/MailServer.Load/release/load.dll
W=$(mktemp -d)
declare -A pids=()
# shellcheck disable=SC2317  # the trap calls it
finish() { for pid in "${pids[@]}"; do kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null || true; done; rm -rf "$W"; }
trap finish EXIT

# configure NAME FIRST_PORT INDEX
configure() {
  mkdir -p "$W/$1"
  cat > "$W/$1/config.yaml" <<C
server: {hostname: mx.$domain, listen: 127.0.0.1, smtp_port: $2, submission_port: 0, smtps_port: 0, imap_port: $(($2 + 1)), imaps_port: $(($2 + 2)), dav_port: 0}
tls: {auto_tls: false}
storage: {data_dir: $W/$1/data}
imap: {search_index: $3}
security: {require_tls: false, verify_spf: false, verify_dkim: false, verify_dmarc: false, sign_outbound: false, argon2_memory: 64KB, argon2_passes: 1}
logging: {output: $W/$1/server.log}
C
}
mailserver() { local name=$1; shift; dotnet "$server" "$@" --config "$W/$name/config.yaml"; }
start() {
  dotnet "$server" serve --config "$W/$1/config.yaml" > "$W/$1/stdout.log" 2>&1 &
  pids[$1]=$!
  for _ in $(seq 300); do (exec 3<>"/dev/tcp/127.0.0.1/$2") 2>/dev/null && break; sleep 0.1; done
}
stop() { kill "${pids[$1]}"; wait "${pids[$1]}" || true; unset "pids[$1]"; }
ticks() { awk '{print $14 + $15}' "/proc/${pids[$1]}/stat"; }

echo "creating $messages messages"
python3 - "$W" "$messages" <<'P'
import base64, os, random, sys
work, count = sys.argv[1], int(sys.argv[2])
chance = random.Random(1)
syllables = ["ba", "co", "den", "fi", "gra", "hu", "jo", "ker", "li", "mo", "nu", "per", "qui", "ra", "sto", "ti", "ul", "ver", "wo", "xy", "zen"]
words = ["".join(chance.choices(syllables, k=chance.randrange(1, 5))) for _ in range(30_000)]
weights = [1 / (n + 5) for n in range(len(words))]
total = 0
for part in ["cur", "new", "tmp"]: os.makedirs(f"{work}/Maildir/{part}")
for number in range(count):
    text = chance.choices(words, weights, k=chance.randrange(100, 900))
    subject = " ".join(chance.choices(words, weights, k=5))
    if number % 1_000 == 7: text.append("hundredth" if number % 10_000 == 7 else "thousandth"); subject += " raresubject"
    if number % 10 == 3: text.append("tenthofall")
    if number == count // 2: text.append("onlyonce"); subject += " onlysubject"
    body = "\r\n".join(" ".join(text[i:i + 10]) for i in range(0, len(text), 10))
    head = f"Received: from a{number}.example.net by mx.index.test; Mon, 2 Feb 2026 03:04:05 +0000\r\nFrom: Friend {number % 500} <f{number % 500}@example.net>\r\nTo: ann@index.test\r\nSubject: {subject}\r\nDate: Mon, 2 Feb 2026 03:04:05 +0000\r\nMessage-ID: <{number}.{chance.getrandbits(64):x}@example.net>\r\nDKIM-Signature: v=1; a=rsa-sha256; d=example.net; s=s; b={base64.b64encode(chance.randbytes(256)).decode()}\r\nMIME-Version: 1.0\r\n"
    mail = head + (f"Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{base64.encodebytes(('<p>' + body + '</p>').encode()).decode()}" if number % 4 == 0 else f"Content-Type: text/plain; charset=utf-8\r\n\r\n{body}\r\n")
    total += len(mail)
    with open(f"{work}/Maildir/cur/{1700000000 + number}.M{number}.old:2,S", "w", newline="") as file: file.write(mail)
print(f"{total // 1_000_000} MB")
open(work + "/total", "w").write(str(total))
P

cat > "$W/search.py" <<'P'
import imaplib, json, statistics, sys, time
port, user, password, times = int(sys.argv[1]), sys.argv[2], sys.argv[3], int(sys.argv[4])
client = imaplib.IMAP4("127.0.0.1", port)
client.login(user, password)
client.select("INBOX", readonly=True)
results = {}
for program in ["BODY onlyonce", "BODY hundredth", "BODY thousandth", "BODY tenthofall", "BODY notanywhere", "SUBJECT onlysubject", "SUBJECT raresubject", "TEXT onlyonce", "FROM f77@example.net", "NOT BODY hundredth"]:
    taken = []
    for _ in range(times):
        started = time.perf_counter()
        found = client.uid("SEARCH", None, program)[1][0].split()
        taken.append((time.perf_counter() - started) * 1000)
    results[program] = (statistics.median(taken), len(found), [int(f) for f in found])
json.dump(results, open(sys.argv[5], "w"))
P

configure big 22725 false
mailserver big migrate > /dev/null
mailserver big domain add $domain > /dev/null
echo $password | mailserver big user add ann@$domain --password-stdin > /dev/null
start big 22726
began=$SECONDS
mailserver big import maildir "$W/Maildir" --account ann@$domain > "$W/import.out"
echo "import: $((SECONDS - began)) s"
rm -rf "$W/Maildir"
python3 "$W/search.py" 22726 ann@$domain $password 2 "$W/scan.json"
stop big
configure big 22725 true
start big 22726
python3 "$W/search.py" 22726 ann@$domain $password 1 "$W/during.json" &
during=$!
for _ in $(seq 3600); do grep -q 'added to the text index' "$W/big/server.log" && break; sleep 1; done
wait $during
grep -o 'Messages added to the text index.*' "$W/big/server.log"
python3 "$W/search.py" 22726 ann@$domain $password 9 "$W/indexed.json"
mailserver big user show ann@$domain | grep 'search index'
stop big
python3 - "$W" <<'P'
import json, os, sys
work = sys.argv[1]
scan, during, indexed = (json.load(open(f"{work}/{name}.json")) for name in ["scan", "during", "indexed"])
size = os.path.getsize(work + "/big/data/maildir/user_1/search.db")
total = int(open(work + "/total").read())
print(f"index: {size / 1e6:.1f} MB, {size * 100 / total:.1f} % of {total / 1e6:.0f} MB of mail")
print(f"{'search':24} {'found':>7} {'scan ms':>10} {'while indexing':>14} {'indexed ms':>10} {'ratio':>7}")
for program, (ms, count, found) in indexed.items():
    if scan[program][2] != found or during[program][2] != found: sys.exit(f"{program}: different results: {scan[program][1]}, {during[program][1]}, {count}")
    print(f"{program:24} {count:7} {scan[program][0]:10.1f} {during[program][0]:14.1f} {ms:10.1f} {scan[program][0] / ms:7.0f}")
P

[ "$rounds" -gt 0 ] || exit 0
users=5
for kind in plain indexed; do
  port=$([ $kind = plain ] && echo 22735 || echo 22745)
  configure $kind "$port" "$([ $kind = plain ] && echo false || echo true)"
  mailserver $kind migrate > /dev/null
  mailserver $kind domain add $domain > /dev/null
  for n in $(seq $users); do echo $password | mailserver $kind user add "u$n@$domain" --password-stdin > /dev/null; done
  start $kind $((port + 1))
done
round() {
  local port=22735 before after
  [ "$1" = plain ] || port=22745
  before=$(ticks "$1")
  dotnet "$load" deliver --smtp-port $port --imap-port $((port + 1)) --imaps-port $((port + 2)) --user "u{n}@$domain" --users $users --password $password --messages 2000 --connections 4 --size 4096 --json > "$W/out" || { cat "$W/out"; tail -5 "$W/$1/server.log"; exit 1; }
  after=$(ticks "$1")
  echo "$1 $(sed -n 's/.*"accepted_per_s": *\([0-9]*\).*/\1/p' "$W/out") $(((after - before) * 10))"
  sleep 5 # the index follows
  echo "$1-with-index-time 0 $((($(ticks "$1") - before) * 10))"
}
for _ in 1 2 3; do round plain; round indexed; done > /dev/null  # until the code is compiled
for _ in $(seq "$rounds"); do round plain; round indexed; done | tee "$W/results"
for kind in plain indexed; do
  echo "median of $kind: $(grep "^$kind " "$W/results" | cut -d' ' -f2 | sort -n | sed -n "$(((rounds + 1) / 2))p") messages a second, processor $(grep "^$kind " "$W/results" | cut -d' ' -f3 | sort -n | sed -n "$(((rounds + 1) / 2))p") ms; five seconds later $(grep "^$kind-with" "$W/results" | cut -d' ' -f3 | sort -n | sed -n "$(((rounds + 1) / 2))p") ms"
done
