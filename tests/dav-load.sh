#!/usr/bin/env bash
# Writes to one calendar while reports over another run without a pause, and shows how long the writes take. Usage: tests/dav-load.sh [EVENTS] [PUTS]
# MAILSERVER_BIN=FILE measures another build of the server.
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MAILSERVER_DAV_LOAD_EVENTS="${1:-10000}" MAILSERVER_DAV_LOAD_PUTS="${2:-200}"
[ -n "${NO_BUILD:-}" ] || { dotnet build src/MailServer -c Release -v q --nologo; dotnet build tests/MailServer.EndToEnd.Tests -c Release -v q --nologo; }
dotnet test tests/MailServer.EndToEnd.Tests -c Release --no-build --filter FullyQualifiedName~ReportLoadTests --logger "console;verbosity=detailed" --nologo -v q |
  grep -E 'PUT |Passed|Failed|Error|Assert'
