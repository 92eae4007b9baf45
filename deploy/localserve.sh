#!/usr/bin/env bash
# Builds the server and runs the demo: deploy/localserve.sh [OPTIONS of 'mailserver localserve']
# Needs the .NET 10 SDK and nothing else; Ctrl-C ends it.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
command -v dotnet >/dev/null || { echo "localserve.sh: 'dotnet' is missing; install the .NET 10 SDK first" >&2; exit 1; }
echo "Building the server; this takes a few minutes the first time ..."
exec dotnet run -c Release --project "$root/src/MailServer" -- localserve "$@"
