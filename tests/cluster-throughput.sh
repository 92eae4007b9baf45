#!/usr/bin/env bash
# Compares the deliveries a second of a single server, of one node of a cluster, and of two nodes. Usage: tests/cluster-throughput.sh [ROUNDS]   (default 3)
# The variants alternate, each with an empty store, and every message is checked by IMAP. Both nodes, the database and the load share this machine, so the
# result is the cost of a second node, not what a second machine adds. As root on Debian, for its postgresql. Everything is in a temporary folder.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(id -u)" = 0 ] || { echo "cluster-throughput: needs root, to start PostgreSQL as its user" >&2; exit 1; }
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
rounds="${1:-3}" messages=3000 users=50 password="bench-pass-9" domain=bench.test
postgres=$(find /usr/lib/postgresql -path '*/bin/initdb' -printf '%h\n' 2>/dev/null | sort -V | tail -n 1)
[ -n "$postgres" ] || { echo "cluster-throughput: install postgresql" >&2; exit 1; }
work=$(mktemp -d -p "${BENCH_DIR:-/var/tmp}" cluster-throughput.XXXXXX)
chmod 755 "$work"
running=()

# Programs that a script starts in the background ignore SIGINT. The database, started first, would wait for its clients after SIGTERM.
stop() {
  [ ${#running[@]} -eq 0 ] || kill -TERM "${running[@]}" 2>/dev/null || true
  [ ${#running[@]} -eq 0 ] || wait "${running[@]}" 2>/dev/null || true
  running=()
}
trap 'stop; rm -rf "$work"' EXIT

# node FOLDER NAME ADDRESS [CLUSTER SETTINGS]: writes the configuration of a server.
node() {
  cat >"$1/$2.yaml" <<YAML
server:
  hostname: mail.$domain
  listen: $3
  smtp_port: 24025
  submission_port: 0
  smtps_port: 0
  imap_port: 24143
  imaps_port: 0
  dav_port: 0
storage:
  data_dir: $1/data
security:
  require_tls: false
  verify_spf: false
  verify_dkim: false
  verify_dmarc: false
logging:
  output: $1/$2.log
YAML
  [ -z "${4:-}" ] || cat >>"$1/$2.yaml" <<YAML
cluster:
  enabled: true
  node: $2
  listen: $3
  port: 24551
  seeds: [127.0.0.2:24551, 127.0.0.3:24551]
  database: Host=$1/pg;Database=mail;Username=postgres
YAML
}

database() {
  install -d -o postgres "$1/pg"
  runuser -u postgres -- "$postgres/initdb" -D "$1/pg/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 >/dev/null
  setsid runuser -u postgres -- "$postgres/postgres" -D "$1/pg/data" -k "$1/pg" -c listen_addresses= >"$1/pg.log" 2>&1 &
  running+=($!)
  for _ in $(seq 300); do "$postgres/psql" -h "$1/pg" -U postgres -Atqc 'CREATE DATABASE mail' 2>/dev/null && return; sleep 0.1; done
  echo "cluster-throughput: PostgreSQL does not answer" >&2
  exit 1
}

# serve FOLDER NAME ADDRESS: starts a server and waits for its ports.
serve() {
  setsid artifacts/throughput/mailserver serve --config "$1/$2.yaml" >"$1/$2.out" 2>&1 &
  running+=($!)
  for port in 24025 24143; do
    for _ in $(seq 600); do (exec 3<>"/dev/tcp/$3/$port") 2>/dev/null && continue 2; sleep 0.1; done
    echo "cluster-throughput: $2 does not answer" >&2
    tail -n 20 "$1/$2.log" "$1/$2.out" >&2
    exit 1
  done
}

# load ADDRESS MESSAGES CONNECTIONS GROUP: delivers to the users of a group, and counts what they have.
load() { dotnet artifacts/throughput-load/load.dll deliver --host "$1" --smtp-port 24025 --imap-port 24143 --user "$4{n}@$domain" --users $((users / 2)) --password $password --messages "$2" --connections "$3" --json; }

per_second() { sed -E 's/.*"visible_per_s":([0-9.]+).*/\1/'; }

# measure VARIANT: prints the deliveries a second.
measure() {
  # Runs in a subshell, which ends the servers itself.
  trap stop EXIT
  local folder="$work/$1"
  mkdir "$folder"
  case $1 in
    single) node "$folder" a 127.0.0.2 ;;
    *) database "$folder"; node "$folder" a 127.0.0.2 cluster; node "$folder" b 127.0.0.3 cluster ;;
  esac
  local cli=(artifacts/throughput/mailserver)
  "${cli[@]}" migrate --config "$folder/a.yaml" >/dev/null
  [ "$1" = single ] || "${cli[@]}" migrate --config "$folder/b.yaml" >/dev/null
  "${cli[@]}" domain add $domain --config "$folder/a.yaml" >/dev/null
  for group in a b; do
    for n in $(seq $((users / 2))); do "${cli[@]}" user add "$group$n@$domain" --password $password --config "$folder/a.yaml" >/dev/null; done
  done
  serve "$folder" a 127.0.0.2
  case $1 in
    two-*) serve "$folder" b 127.0.0.3
      for _ in $(seq 300); do [ "$("${cli[@]}" cluster show --json --config "$folder/a.yaml" 2>/dev/null | grep -o '"Up"' | wc -l)" = 2 ] && break; sleep 0.2; done ;;
  esac
  local second=127.0.0.2
  [ "$1" != two-both ] || second=127.0.0.3
  load 127.0.0.2 $((messages / 2)) 5 a >"$folder/first" & local first=$!
  load "$second" $((messages / 2)) 5 b >"$folder/second"
  wait "$first"
  awk '{ sum += $1 } END { printf "%.0f\n", sum }' <(per_second <"$folder/first") <(per_second <"$folder/second")
  stop
  rm -rf "$folder"
}

dotnet publish src/MailServer -c Release -o artifacts/throughput -v q --nologo
dotnet build tests/MailServer.Load -c Release -o artifacts/throughput-load -v q --nologo
for ((round = 0; round < rounds; round++)); do
  for variant in single one-node two-one two-both; do
    figure=$(measure $variant)
    echo "$variant $figure" | tee -a "$work/figures"
  done
done
echo "deliveries a second (median of $rounds):"
for variant in single one-node two-one two-both; do
  awk -v v=$variant '$1 == v { print $2 }' "$work/figures" | sort -n | awk -v v=$variant '{ a[NR] = $1 } END { printf "%-9s %8.0f\n", v, a[int((NR + 1) / 2)] }'
done
