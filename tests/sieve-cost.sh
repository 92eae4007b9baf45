#!/bin/bash
# usage: tests/sieve-cost.sh [ROUNDS] [MESSAGES]
# What a script costs: deliveries of 4 KB messages to accounts without a script and to accounts whose script has 30 rules, of which the last one files the message, in turn on one server.
# Prints the processor time and the wall time of each round, and the medians. Needs nothing but the SDK; everything is in a temporary folder and listens on loopback.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
rounds=${1:-7} messages=${2:-2000} users=5 domain=cost.test password=cost-pass-9
smtp=22525 imap=22543 imaps=22593
[ -n "${NO_BUILD:-}" ] || { dotnet build src/MailServer -c Release -v q --nologo; dotnet build tests/MailServer.Load -c Release -v q --nologo; }
server=artifacts/bin/MailServer/release/mailserver.dll load=artifacts/bin/MailServer.Load/release/load.dll
W=$(mktemp -d)
pid=
# shellcheck disable=SC2317  # the trap calls it
finish() { [ -z "$pid" ] || { kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null || true; }; rm -rf "$W"; }
trap finish EXIT

cat > "$W/config.yaml" <<C
server: {hostname: mx.$domain, listen: 127.0.0.1, smtp_port: $smtp, submission_port: 0, smtps_port: 0, imap_port: $imap, imaps_port: $imaps, dav_port: 0}
tls: {auto_tls: false}
storage: {data_dir: $W/data}
security: {require_tls: false, verify_spf: false, verify_dkim: false, verify_dmarc: false, sign_outbound: false, argon2_memory: 64KB, argon2_passes: 1}
logging: {output: $W/server.log}
C
mailserver() { dotnet "$server" "$@" --config "$W/config.yaml"; }
mailserver migrate > /dev/null
mailserver domain add $domain > /dev/null
{
  echo 'require ["fileinto", "imap4flags", "variables", "envelope"];'
  for n in $(seq 1 29); do
    case $((n % 3)) in
      0) echo "if header :contains [\"subject\", \"list-id\"] [\"word$n\", \"other$n\"] { fileinto \"Archive\"; stop; }" ;;
      1) echo "if address :is :domain \"from\" [\"a$n.example\", \"b$n.example\", \"c$n.example\"] { addflag \"important\"; fileinto \"Archive\"; stop; }" ;;
      2) echo "if allof (header :matches \"subject\" \"*[list$n]*\", not exists \"x-nothing\") { fileinto \"Archive\"; stop; }" ;;
    esac
  done
  echo 'if envelope :contains "to" "rules" { fileinto "INBOX"; }'
} > "$W/rules.sieve"
for n in $(seq $users); do
  for kind in plain rules; do echo $password | mailserver user add "$kind$n@$domain" --password-stdin > /dev/null; done
  mailserver sieve put "rules$n@$domain" main "$W/rules.sieve" --activate > /dev/null
done
dotnet "$server" serve --config "$W/config.yaml" > "$W/stdout.log" 2>&1 &
pid=$!
for _ in $(seq 300); do (exec 3<>/dev/tcp/127.0.0.1/$smtp) 2>/dev/null && break; sleep 0.1; done

ticks() { awk '{print $14 + $15}' "/proc/$pid/stat"; }
round() {
  local before after started
  before=$(ticks) started=$(date +%s%N)
  dotnet "$load" deliver --smtp-port $smtp --imap-port $imap --imaps-port $imaps --user "$1{n}@$domain" --users $users --password $password --messages "$messages" --connections 4 --size 4096 --json > "$W/out" || { cat "$W/out"; tail -5 "$W/server.log"; exit 1; }
  after=$(ticks)
  rate=$(sed -n 's/.*"accepted_per_s": *\([0-9]*\).*/\1/p' "$W/out")
  echo "$1 $(((after - before) * 10)) $((($(date +%s%N) - started) / 1000000)) ${rate:-0}"
}
for _ in 1 2 3; do round plain; round rules; done > /dev/null  # until the code is compiled
for _ in $(seq "$rounds"); do round plain; round rules; done | tee "$W/results"
for kind in plain rules; do
  for column in 2 3 4; do grep "^$kind " "$W/results" | cut -d' ' -f$column | sort -n | sed -n "$(((rounds + 1) / 2))p"; done | tr '\n' ' ' | sed "s/^/median of $kind: processor ms, wall ms, messages a second: /"
  echo
done
