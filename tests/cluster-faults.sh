#!/usr/bin/env bash
# Injects every fault into each of two nodes under load, then random faults for SECONDS (600), and prints a report.
# tests/cluster-faults.sh [SECONDS]      Needs Debian's postgresql and an hour; MAILSERVER_CLUSTER_SEED repeats a random order.
set -uo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
seconds="${1:-600}"
results="$(mktemp -d)"
trap 'rm -rf "$results"' EXIT
cd "$root" || exit 1
[ -n "${SKIP_BUILD:-}" ] || dotnet build tests/MailServer.EndToEnd.Tests -c Release -v q --nologo || exit 1

play() {
  dotnet test tests/MailServer.EndToEnd.Tests -c Release --no-build --nologo --filter "$1" --logger "trx;LogFileName=$2.trx" --results-directory "$results" >"$results/$2.txt" 2>&1
}

failed=0
MAILSERVER_CLUSTER_FAULTS=all play "FullyQualifiedName~ClusterFaultTests|FullyQualifiedName~ExpiredCertificateTests|FullyQualifiedName~FailoverTests" each || failed=1
[ "$seconds" -eq 0 ] || MAILSERVER_CLUSTER_SECONDS="$seconds" play "FullyQualifiedName~RandomFaultsTests" random || failed=1

echo "Faults of two nodes"
grep -hoE '(FAULT|RANDOM) [^<]*' "$results"/*.trx | sort -u
grep -hoE 'MAILSERVER_CLUSTER_SEED=[0-9]+' "$results"/*.trx | sort -u
for part in each random; do
  [ -e "$results/$part.txt" ] && grep -E -A 4 '^(Passed!|Failed!)|^ +Failed |Error Message:' "$results/$part.txt" | cut -c1-400
done
exit "$failed"
