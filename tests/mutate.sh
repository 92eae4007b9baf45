#!/usr/bin/env bash
# Mutation testing: makes small changes to the code and lists those that no test detects. Usage: tests/mutate.sh PROJECT FILE...
# For example: tests/mutate.sh MailServer.Storage FolderScanner FolderScanResult. Environment: CONCURRENCY (1), FILTER (a filter of dotnet test).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ $# -ge 2 ] || { sed -n '2,3s/^# //p' "$0" >&2; exit 2; }
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
project=$1
shift

work=$(mktemp -d -t mutate.XXXXXX)
trap 'rm -rf "$work"' EXIT
dotnet tool install dotnet-stryker --version 5.1.0 --tool-path "$work/tool" >/dev/null

# On a busy machine a slow test must not count as one that detects a mutant.
echo '{ "stryker-config": { "additional-timeout": 60000 } }' >"$work/stryker.json"
arguments=(--config-file "$work/stryker.json" --project "$project.csproj" --concurrency "${CONCURRENCY:-1}" --output "$work/out" --reporter json --break-at 0)
for file in "$@"; do arguments+=(--mutate "**/${file%.cs}.cs"); done
[ -z "${FILTER:-}" ] || arguments+=(--test-case-filter "$FILTER")
(cd "tests/$project.Tests" && "$work/tool/dotnet-stryker" "${arguments[@]}") > "$work/log" 2>&1 || { tail -40 "$work/log" >&2; exit 1; }

python3 - "$work/out/reports/mutation-report.json" <<'PYTHON'
import json, sys
files = json.load(open(sys.argv[1]))["files"]
killed = timeouts = survived = uncovered = 0
for name, file in sorted(files.items()):
    lines = file["source"].split("\n")
    for mutant in sorted(file["mutants"], key=lambda m: m["location"]["start"]["line"]):
        status, line = mutant["status"], mutant["location"]["start"]["line"]
        killed += status in ("Killed", "Timeout")
        timeouts += status == "Timeout"
        survived += status == "Survived"
        uncovered += status == "NoCoverage"
        if status in ("Survived", "NoCoverage"):
            print(f'{name.split("/")[-1]}:{line}: {status}: {mutant["mutatorName"]}: {lines[line - 1].strip()[:100]} -> {(mutant.get("replacement") or "")[:60]!r}')
covered = killed + survived
print(f"{killed} of {covered} covered mutants were killed ({100 * killed / max(1, covered):.0f} %), {timeouts} of them by a timeout; {uncovered} mutants are not covered")
PYTHON
