#!/usr/bin/env bash
# Measures the memory and the disk space of a server with some accounts: tests/sizing.sh [ACCOUNTS...]   (10 100 1000)
# For each number it starts an empty server on loopback, adds so many accounts, delivers 20 messages of 20 KB to each, opens one idle IMAP session (TLS)
# for each, and prints a row of the table in docs/sizing.md. Needs Python and the server built (dotnet build src/MailServer -c Release).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
program="${MAILSERVER:-$root/artifacts/bin/MailServer/release/mailserver}"
[ -x "$program" ] || { echo "sizing.sh: build the server first: dotnet build src/MailServer -c Release" >&2; exit 2; }
[ $# -gt 0 ] || set -- 10 100 1000
echo "| accounts | memory after the deliveries | with an idle session for each | disk (all / mail) | accounts added in | messages stored in |"
echo "|---|---|---|---|---|---|"
for accounts in "$@"; do python3 "$root/tests/sizing/sizing.py" "$program" "$accounts"; done
