#!/usr/bin/env bash
# Imports a large Maildir, and the same mail as one mbox, into an account of a running server, and reports the peak memory of the importing
# command and of the server (VmHWM): tests/import-size.sh [MESSAGES]   (default 200000)
# Needs disk space for each message three times (at least 4 KiB each) and some minutes. Fails when either exceeds 300 MB.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
messages=${1:-200000} most=$((300 * 1024))
work=$(mktemp -d) server=
ports=(2420{1..7})
export DOTNET_NOLOGO=1 DOTNET_CLI_TELEMETRY_OPTOUT=1

finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$work"
}
trap finish EXIT

program=${MAILSERVER_BIN:-}
if [ -z "$program" ]; then
  dotnet build "$root/src/MailServer/MailServer.csproj" -c Release -o "$work/bin" -p:RunAnalyzers=false -v q --nologo >"$work/build.log" || { tail "$work/build.log"; exit 1; }
  program=$work/bin/mailserver
fi

cat >"$work/config.yaml" <<EOF
server:
  hostname: mail.example.test
  listen: 127.0.0.1
  smtp_port: ${ports[0]}
  submission_port: ${ports[1]}
  smtps_port: ${ports[2]}
  imap_port: ${ports[3]}
  imaps_port: ${ports[4]}
  dav_port: ${ports[5]}
  http_port: 0
tls:
  auto_tls: false
  cache_dir: $work/acme
storage:
  data_dir: $work/data
  database_path: $work/data/mail.db
  maildir_path: $work/data/maildir
domains:
  - name: example.test
    dkim_selector: mail
    dkim_key_file: $work/dkim/example.test.key
logging:
  level: warning
  output: $work/server.log
admin:
  enabled: true
  listen: 127.0.0.1
  port: ${ports[6]}
EOF

peak() { awk '/^VmHWM/ { print $2 }' "/proc/$1/status" 2>/dev/null || true; }

# Runs an import and records the last known peak of the importing process; that of the server is read at the end.
import() {
  local what=$1 started=$SECONDS client='' now
  shift
  "$program" import "$@" --config "$work/config.yaml" >"$work/$what.out" 2>&1 &
  client=$!
  client_peak=0
  while kill -0 "$client" 2>/dev/null; do
    now=$(peak "$client")
    [ -z "$now" ] || client_peak=$now
    sleep 0.2
  done
  wait "$client" || { tail "$work/$what.out"; exit 1; }
  server_peak=$(peak "$server")
  printf '%-8s %d messages in %d s: command %d MB, server %d MB at most\n' "$what" "$messages" $((SECONDS - started)) $((client_peak / 1024)) $((server_peak / 1024))
  if [ "$client_peak" -ge "$most" ] || [ "$server_peak" -ge "$most" ]; then echo "more than 300 MB"; exit 1; fi
}

echo "creating $messages messages"
python3 - "$work" "$messages" <<'EOF'
import os, random, sys
work, count = sys.argv[1], int(sys.argv[2])
chance = random.Random(1)
words = [("%x" % chance.getrandbits(32)) for _ in range(2_000)]
os.makedirs(work + "/Maildir")
folders = ["", ".Archive.2024", ".Archive.2025", ".Sent"]
for folder in folders:
    for part in ["cur", "new", "tmp"]:
        os.makedirs(f"{work}/Maildir/{folder}/{part}")
with open(work + "/all.mbox", "w") as mbox:
    for number in range(count):
        # Most messages are small, some are large.
        lines = 3_000 if number % 2_000 == 0 else chance.randrange(2, 40)
        body = "\n".join(" ".join(chance.choices(words, k=8)) for _ in range(lines))
        text = f"From: Friend {number % 500} <f{number % 500}@example.net>\nTo: ann@example.test\nSubject: {' '.join(chance.choices(words, k=4))}\nDate: Mon, 2 Feb 2026 03:04:05 +0000\nMessage-ID: <{number}@example.net>\n\n{body}\n"
        with open(f"{work}/Maildir/{folders[number % 4]}/cur/{1700000000 + number}.M{number}.old:2,{'S' if number % 3 else ''}", "w") as file:
            file.write(text)
        mbox.write(f"From f@example.net Mon Feb  2 03:04:05 2026\n{text}\n")
EOF
"$program" migrate --config "$work/config.yaml" >/dev/null
"$program" domain add example.test --config "$work/config.yaml" >/dev/null
for user in ann ben; do "$program" user add "$user@example.test" --password "correct horse 9" --config "$work/config.yaml" >/dev/null; done
"$program" serve --config "$work/config.yaml" >"$work/output.log" 2>&1 &
server=$!
for _ in {1..100}; do (exec 3<>"/dev/tcp/127.0.0.1/${ports[4]}") 2>/dev/null && break; sleep 0.2; done
import maildir maildir "$work/Maildir" --account ann@example.test
rm -rf "$work/Maildir"
import mbox mbox "$work/all.mbox" --account ben@example.test --folder Archive/all
for user in ann ben; do
  found=$("$program" mailboxes show "$user@example.test" --config "$work/config.yaml" | awk -F '\t' '{ sum += $2 } END { print sum }')
  [ "$found" -eq "$messages" ] || { echo "$user has $found messages"; exit 1; }
done
echo "server at the end: $(awk '/^VmRSS/ { print int($2 / 1024) }' "/proc/$server/status") MB"
