#!/usr/bin/env bash
# What a server costs that has nothing to do: wake-ups a second and share of a core, without sessions and with idle ones.
# Usage: tests/at-rest.sh [SESSIONS] [SECONDS] [PROGRAM]   (1000; 120; a fresh build). 120 seconds are one interval of the keepalives to idle clients. Best on a quiet machine.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
sessions="${1:-1000}"
seconds="${2:-120}"
program="${3:-}"
work=$(mktemp -d -t at-rest.XXXXXX)
trap 'rm -rf "$work"' EXIT
if [ -z "$program" ]; then
  dotnet publish src/MailServer -c Release -o "$work/server" -p:RunAnalyzers=false -v q --nologo
  program="$work/server/mailserver"
fi
python3 tests/rest/at_rest.py "$work" "$program" "$sessions" "$seconds"
