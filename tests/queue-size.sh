#!/usr/bin/env bash
# Fills the queue with messages for hosts that are down, and reports their cost: memory above idle, and the time until a
# restarted server answers for all of them. Usage: tests/queue-size.sh [MESSAGES]
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MAILSERVER_QUEUE_SIZE="${1:-100000}"
dotnet build src/MailServer -c Release -v q --nologo
dotnet test tests/MailServer.EndToEnd.Tests -c Release --filter FullyQualifiedName~QueueSizeTests --logger "console;verbosity=detailed" --nologo -v q |
  grep -E 'resident|Passed|Failed|Error|Assert|in time'
