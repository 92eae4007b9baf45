#!/usr/bin/env bash
# Runs the current build on data of an older commit: tests/upgrade.sh [COMMIT]   (default HEAD~1)
# Builds that commit separately, creates accounts, mail, flags, a calendar, contacts, a queued message, an app password and a ban with its server,
# stops it, starts the current server on the same data, and compares everything that clients and commands can see. Features that the older
# version lacks are left out and reported. The exit code is 0 when nothing has changed.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root"
commit=$(git rev-parse --short --verify "${1:-HEAD~1}^{commit}")
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
work=$(mktemp -d) server=
ports=(2410{1..7})

finish() {
  local code=$?
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  git worktree remove --force "$work/source" 2>/dev/null || true
  if [ $code -eq 0 ] || [ -z "${MAILSERVER_KEEP:-}" ]; then rm -rf "$work"; else echo "kept: $work"; fi
  exit $code
}
trap finish EXIT

build() {
  dotnet build "$1/src/MailServer/MailServer.csproj" -c Release -o "$2" -p:RunAnalyzers=false -v q --nologo >"$work/build.log" 2>&1 \
    || { tail -n 20 "$work/build.log"; echo "$1 does not build"; exit 1; }
}

start() {
  "$1/mailserver" serve --config "$work/config.yaml" >>"$work/output.log" 2>&1 &
  server=$!
  for _ in {1..150}; do
    kill -0 "$server" 2>/dev/null || break
    (exec 3<>"/dev/tcp/127.0.0.1/${ports[4]}") 2>/dev/null && (exec 3<>"/dev/tcp/127.0.0.1/${ports[5]}") 2>/dev/null && return
    sleep 0.2
  done
  tail -n 20 "$work/output.log"
  echo "the server of $1 did not start"
  exit 1
}

stop() {
  kill -TERM "$server"
  wait "$server" || { echo "the server exited with $?"; exit 1; }
  server=
}

git worktree add -q --detach "$work/source" "$commit"
echo "building $commit and the current tree"
build "$work/source" "$work/older"
build "$root" "$work/present"

# Configures the server of the tree $1. No host is contacted: outgoing mail stays in the queue.
configure() {
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
$(if grep -q http_port "$1/configs/config.example.yaml"; then echo '  http_port: 0'; fi)
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
security:
  verify_spf: false
  verify_dkim: false
  verify_dmarc: false
delivery:
  relay_host: 127.0.0.1:9
  require_tls: false
admin:
  enabled: true
  listen: 127.0.0.1
  port: ${ports[6]}
EOF
}

configure "$work/source"
older() { "$work/older/mailserver" "$@" --config "$work/config.yaml"; }
older migrate >/dev/null
older domain add example.test >/dev/null
look() { python3 "$root/tests/upgrade/$1.py" "$2/mailserver" "$work/config.yaml" "${ports[@]}"; }
start "$work/older"
look fill "$work/older"
look snapshot "$work/older" >"$work/before.json"
stop
configure "$root"
start "$work/present"
look snapshot "$work/present" >"$work/after.json"
python3 "$root/tests/upgrade/compare.py" "$work/before.json" "$work/after.json"
look write_more "$work/present"
stop
start "$work/present"
look snapshot "$work/present" >"$work/again.json"
stop
python3 "$root/tests/upgrade/compare.py" "$work/before.json" "$work/again.json" --more
echo "the data of $commit is complete under the current build ($(git rev-parse --short HEAD))"
