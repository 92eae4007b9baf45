#!/usr/bin/env bash
# Cuts the power of a server repeatedly while clients deliver, submit, append, flag, copy, move and expunge, and compares the result
# with docs/durability.md. As root, with loop devices. Usage: tests/power-cut.sh [CUTS] [WINDOW in milliseconds]
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(id -u)" = 0 ] || { echo "power-cut: needs root, to mount a file system" >&2; exit 1; }
[ -e /dev/loop-control ] || { echo "power-cut: no loop devices on this machine" >&2; exit 1; }
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 CI=true
export MAILSERVER_POWER_CUTS="${1:-50}" MAILSERVER_POWER_WINDOW="${2:-1000}"
dotnet build src/MailServer -c Release -v q --nologo
dotnet test tests/MailServer.EndToEnd.Tests -c Release --filter FullyQualifiedName~PowerCutTests --logger "console;verbosity=detailed" --nologo -v q |
  grep -E 'POWER_SEED|power cuts|cut [0-9]+, seed|: (INBOX|Work): |is gone|is there|Passed|Failed|Error|Assert'
