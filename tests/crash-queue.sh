#!/usr/bin/env bash
# Kills the server (SIGKILL) repeatedly while it accepts and sends messages for other hosts, then counts:
# acknowledged, delivered, lost and duplicate messages. Usage: tests/crash-queue.sh [ROUNDS] [MESSAGES per round]
set -eu
cd "$(dirname "${BASH_SOURCE[0]}")/.."
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
export MAILSERVER_QUEUE_CRASH_ROUNDS="${1:-20}" MAILSERVER_QUEUE_CRASH_MESSAGES="${2:-1000}" MAILSERVER_QUEUE_CRASH_DOMAINS=20
dotnet build src/MailServer -c Release -v q --nologo
dotnet test tests/MailServer.EndToEnd.Tests -c Release --filter FullyQualifiedName~QueueCrashTests --logger "console;verbosity=detailed" --nologo -v q |
  grep -E 'acknowledged|Passed|Failed|Error|Assert|in time'
