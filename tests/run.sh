#!/usr/bin/env bash
# usage: tests/run.sh                           every test
#        tests/run.sh quick [PROJECT] [FILTER]  unit tests only: installs nothing, starts no server; without FILTER it leaves out the slow ones,
#                                               whose classes have [Trait("Speed", "Slow")]
#        tests/run.sh --list                    lists the test projects
#
# PROJECT is the name of a test project or a part of it: Storage for MailServer.Storage.Tests. FILTER is a part of the full name of a test.
# All tests need the .NET SDK. As root on Debian the script installs the mail programs that some tests need (apt-get); otherwise
# these tests are skipped and named. CI=true: nothing may be skipped.
#
# The last line is "N passed, N failed, N skipped". The exit code is 0 when all tests pass.
# Examples: tests/run.sh quick Protocol Sieve      CI=true tests/run.sh
set -u
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
cd "$root" || exit 2
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
results="$root/artifacts/test-results"
passed=0 failed=0 skipped=0
projects=()
for folder in tests/*.Tests/; do projects+=("$(basename "$folder")"); done

# Installs Debian's mail programs where they are missing, if possible.
install_clients() {
  local missing=() entry
  for entry in swaks:swaks curl:curl openssl:openssl mbsync:isync offlineimap:offlineimap3 neomutt:neomutt msmtp:msmtp fetchmail:fetchmail /usr/sbin/postfix:postfix script:bsdutils vdirsyncer:vdirsyncer litmus:litmus opendkim:opendkim opendmarc:opendmarc /usr/sbin/unbound:unbound dnssec-signzone:bind9-utils promtool:prometheus haproxy:haproxy pebble:pebble sslscan:sslscan systemd-analyze:systemd khal:khal khard:khard lintian:lintian chromium:chromium node:nodejs npm:npm tmux:tmux faketime:faketime /usr/sbin/logrotate:logrotate dbus-run-session:dbus-daemon /usr/libexec/evolution-source-registry:evolution-data-server sieve-connect:sieve-connect gsasl:gsasl php:php-cli /usr/share/php/Net/Sieve.php:php-net-sieve; do
    command -v "${entry%%:*}" >/dev/null || missing+=("${entry##*:}")
  done
  [ -e /usr/share/perl5/IO/Socket/SSL.pm ] || missing+=(libio-socket-ssl-perl libnet-ssleay-perl)
  [ -d /usr/lib/python3/dist-packages/dkim ] || missing+=(python3-dkim)
  [ -d /usr/lib/python3/dist-packages/nacl ] || missing+=(python3-nacl)
  [ -d /usr/lib/python3/dist-packages/dateutil ] || missing+=(python3-dateutil)
  [ -d /usr/lib/python3/dist-packages/caldav ] || missing+=(python3-caldav)
  [ -d /usr/lib/python3/dist-packages/sievelib ] || missing+=(python3-sievelib)
  [ -d /usr/lib/python3/dist-packages/gi ] || missing+=(python3-gi)
  ls /usr/lib/*/girepository-1.0/E{Cal-2,Book-1,DataServer-1}.* >/dev/null 2>&1 || missing+=(gir1.2-ecal-2.0 gir1.2-ebook-1.2 gir1.2-edataserver-1.2)
  ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing+=(postgresql)
  [ ${#missing[@]} -gt 0 ] || return 0
  if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null; then
    echo "cannot install (needs root and apt-get): ${missing[*]}; their tests are skipped"
    return 0
  fi
  echo "installing: ${missing[*]}"
  local apt=(apt-get -o DPkg::Lock::Timeout=300 -q -y)
  export DEBIAN_FRONTEND=noninteractive
  { "${apt[@]}" update && "${apt[@]}" install --no-install-recommends "${missing[@]}"; } >"$results/apt.log" 2>&1 \
    || { echo "installation failed:"; tail -n 5 "$results/apt.log"; }
}

# Adds the numbers of one .trx file to the totals and prints them as one line.
count() {
  local project=$1 file=$2 counters p f t took processor
  took=$(cat "$results/$project.seconds")
  processor=$(awk '{ printf "%d", $1 + $2 }' "$results/$project.processor")
  counters=$(grep -o '<Counters [^>]*>' "$file" 2>/dev/null | head -n 1)
  t=$(attribute total "$counters") p=$(attribute passed "$counters") f=$(attribute failed "$counters")
  passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + t - p - f))
  printf '%-34s %5d passed, %d failed, %d skipped in %d s (%d s of processor time)\n' "$project" "$p" "$f" $((t - p - f)) "$took" "$processor"
  grep -oE '<UnitTestResult [^>]*outcome="NotExecuted"[^>]*>' "$file" 2>/dev/null | grep -oE 'testName="[^"]*"' | sed 's/testName=/  skipped: /'
}

attribute() { sed -nE "s/.* $1=\"([0-9]+)\".*/\1/p" <<<"$2" | grep . || echo 0; }

# run_project PROJECT [FILTER [NAME]]: runs the tests of a project; log and results are named NAME or PROJECT.
run_project() {
  local project=$1 filter=${2:-} name=${3:-$1} code=0 temporary="" begun=$SECONDS
  # Processes that run for seconds do not repay the instrumentation of their methods, nor compiling a method again after 30 calls. Without both, tests need a third less processor time.
  local environment=("DOTNET_TieredPGO=0" "DOTNET_TC_CallCountThreshold=400")
  # Unit tests get a temporary folder, so that what they leave there is noticed. Servers that end-to-end tests kill do leave files.
  if [[ "$project" != *.EndToEnd.Tests ]]; then
    temporary=$(mktemp -d)
    chmod 755 "$temporary" # also for the user that runs PostgreSQL
    # Reserved ports are shared by all projects (FreePort).
    environment+=("TMPDIR=$temporary" "SHARED_TMPDIR=${TMPDIR:-/tmp}")
  fi
  local TIMEFORMAT='%U %S'
  { time env "${environment[@]}" dotnet test "tests/$project" -c Release --no-build --nologo ${filter:+--filter "$filter"} --logger "trx;LogFileName=$results/$name.trx" --logger "console;verbosity=normal" >"$results/$name.log" 2>&1 || code=$?; } 2>"$results/$name.processor"
  echo "$code" >"$results/$name.code"
  echo $((SECONDS - begun)) >"$results/$name.seconds"
  [ -n "$temporary" ] || return 0
  # The SDK leaves pipes, sockets, and empty folders with names of six characters.
  find "$temporary" -mindepth 1 -maxdepth 1 ! -type p ! -type s ! -name '.*' ! -name 'MSBuild*' ! -name 'NuGet*' ! -name 'VBCSCompiler' ! \( -type d -empty -name '??????' \) -printf '%f\n' >"$results/$name.left"
  rm -rf "$temporary"
}

# Prints the failed tests of a log with their messages, without what servers and actors logged between them.
print_failures() {
  awk '/^  Failed / { left = 30 } /^  (Passed|Skipped) |^\[xUnit|^Test Run/ { left = 0 } left > 0 && !/^\[|^--- End/ { print substr($0, 1, 400); left-- }' "$1" | head -n 200
}

report_project() {
  local project=$1 log="$results/$1.log" code
  code=$(cat "$results/$project.code")
  if [ ! -e "$results/$project.trx" ]; then
    failed=$((failed + 1))
    echo "$project: no result"
    tail -n 30 "$log"
    return
  fi
  local before=$failed
  count "$project" "$results/$project.trx"
  if [ "$failed" -gt "$before" ]; then
    print_failures "$log"
  elif [ "$code" -ne 0 ]; then
    failed=$((failed + 1))
    echo "$project exited with $code"
    tail -n 30 "$log"
  fi
  if [ -s "$results/$project.left" ]; then
    failed=$((failed + 1))
    echo "$project left in the temporary folder: $(head -n 10 "$results/$project.left" | tr '\n' ' ')"
  fi
}

# Runs checks outside this repository, if present.
run_acceptance() {
  local folder=../shared/acceptance check log
  if [ ! -d "$folder" ]; then
    echo "acceptance: not checked, ../shared/acceptance does not exist"
    return
  fi
  # They publish the last commit; if it equals the work tree, it has just been published.
  if [ -z "$(git status --porcelain 2>&1)" ] && [ -d artifacts/published ]; then
    export MAIL_CACHE="$results/checked"
    mkdir -p "$MAIL_CACHE" && cp -a artifacts/published "$MAIL_CACHE/$(git rev-parse HEAD)"
  fi
  for check in readme-flow signed-to-the-world dav-sync; do
    log="$results/acceptance-$check.log"
    if timeout 900 "$folder/$check" >"$log" 2>&1; then
      passed=$((passed + 1))
      echo "acceptance: ok   $check: $(tail -n 1 "$log")"
    else
      failed=$((failed + 1))
      echo "acceptance: FAIL $check: $(tail -n 1 "$log")"
    fi
  done
}

build() {
  dotnet build "$1" -c Release -v q --nologo -p:UseSharedCompilation=true >"$results/build.log" 2>&1 && return 0
  grep -E 'error|warning' "$results/build.log" | sort -u | head -n 40
  echo "the build failed"
  echo "0 passed, 1 failed, 0 skipped"
  exit 1
}

# Prints the slowest tests, in seconds.
print_slowest() {
  echo "slowest:"
  grep -hoE '<UnitTestResult [^>]*>' "$results"/*.trx 2>/dev/null \
    | sed -nE 's/.*testName="([^"]*)".*duration="([0-9]+):([0-9]+):([0-9]+)[^"]*".*/\2 \3 \4 \1/p' \
    | awk '{ s = $1 * 3600 + $2 * 60 + $3; $1 = $2 = $3 = ""; printf "%6d s %s\n", s, $0 }' | sort -rn | head -n 10
}

run_quick() {
  local project=${1:-} wanted=() entry
  local -A begun=()
  for entry in "${projects[@]}"; do
    [ "$entry" = MailServer.EndToEnd.Tests ] && continue
    [ -z "$project" ] || [[ "$entry" == *"$project"* ]] || continue
    wanted+=("$entry")
  done
  [ ${#wanted[@]} -gt 0 ] || { echo "run.sh: no quick test project is named '$project'; see tests/run.sh --list" >&2; exit 2; }
  if [ -z "$project" ]; then build MailServer.sln; else for entry in "${wanted[@]}"; do build "tests/$entry"; done; fi
  # Two projects run at a time. The longest start first, so that none of them is left alone at the end.
  for entry in MailServer.Tests MailServer.Actors.Tests MailServer.Storage.Tests "${wanted[@]}"; do
    [[ " ${wanted[*]} " == *" $entry "* && ! -v "begun[$entry]" ]] || continue
    begun[$entry]=1
    while [ "$(jobs -rp | wc -l)" -ge 2 ]; do wait -n; done
    run_project "$entry" "${2:+FullyQualifiedName~}${2:-Speed!=Slow}" &
  done
  wait
  for entry in "${wanted[@]}"; do report_project "$entry"; done
  print_slowest
}

run_all() {
  local others project end_to_end=MailServer.EndToEnd.Tests cluster=.EndToEnd.Tests.Cluster.
  # Mostly waits for the network.
  install_clients &
  others=$!
  build MailServer.sln
  wait "$others"
  # The unit tests run while the server is published.
  for project in "${projects[@]}"; do
    [ "$project" = "$end_to_end" ] || run_project "$project"
  done &
  others=$!
  # The end-to-end tests use the server as shipped: published, compiled ahead of time.
  if [ -z "${MAILSERVER_BIN:-}" ]; then
    export MAILSERVER_BIN="$root/artifacts/published/mailserver"
    dotnet publish src/MailServer -c Release -o "$root/artifacts/published" -v q --nologo -p:UseSharedCompilation=true >"$results/publish.log" 2>&1 \
      || { tail -n 20 "$results/publish.log"; wait "$others"; echo "0 passed, 1 failed, 0 skipped"; exit 1; }
  fi
  # The cluster tests mostly wait, so they run in parallel with the rest.
  { wait_for "$others"; run_project "$end_to_end" "FullyQualifiedName~$cluster" "$end_to_end.Cluster"; } &
  others=$!
  run_project "$end_to_end" "FullyQualifiedName!~$cluster"
  wait "$others"
  for project in "${projects[@]}" "$end_to_end.Cluster"; do report_project "$project"; done
  run_acceptance
  print_slowest
}

# A process that is not a child of this shell.
wait_for() { while kill -0 "$1" 2>/dev/null; do sleep 1; done; }

case "${1:-}" in
  -h | --help) sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//p}' "$0"; exit 0 ;;
  --list) printf '%s\n' "${projects[@]}"; exit 0 ;;
  "") suite=run_all ;;
  quick) suite=run_quick; shift ;;
  *) echo "run.sh: unknown argument '$1'; see tests/run.sh --help" >&2; exit 2 ;;
esac
rm -rf "$results"
mkdir -p "$results"
"$suite" "$@"
echo "$passed passed, $failed failed, $skipped skipped"
[ "$failed" -eq 0 ] && { [ "${CI:-}" != true ] || [ "$skipped" -eq 0 ]; }
