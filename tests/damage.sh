#!/usr/bin/env bash
# Damages each database of a server separately, in every way, before its start and while it runs (docs/operations.md, "When a file is damaged").
# As root, on a machine with tmpfs and chattr. The tests in CI damage all databases at once. Usage: tests/damage.sh
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(id -u)" = 0 ] || { echo "damage: needs root, to mount a file system" >&2; exit 1; }
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 CI=true MAILSERVER_DAMAGE_EACH=1
dotnet build src/MailServer -c Release -v q --nologo
dotnet test tests/MailServer.EndToEnd.Tests -c Release --filter FullyQualifiedName~DamagedDatabaseTests --logger "console;verbosity=normal" --nologo -v q
