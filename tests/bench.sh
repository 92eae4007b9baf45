#!/bin/bash
# usage: tests/bench.sh [--quick] [--rounds N] [--only peer|ours]
# Measures Debian's Postfix + Dovecot and this checkout's server in turn (peer, ours, peer, ours ...), each round with empty stores,
# and prints a Markdown table of medians and ratios for the README. tests/MailServer.Load/README.md explains why the comparison is fair.
# Debian 12, as root. Everything is in a temporary folder that is removed at the end, and listens on high loopback ports.
set -euo pipefail
cd "$(dirname "$0")/.."

rounds=3 messages=3000 folder=10000 sessions=1000 pushes=200 servers=(peer ours)
while [ $# -gt 0 ]; do
  case $1 in
    --quick) rounds=1 messages=500 folder=1000 sessions=200 pushes=50 ;;
    --rounds) rounds=$2; shift ;;
    --only) servers=("$2"); shift ;;
    *) sed -n '2,5s/^# //p' "$0" >&2; exit 2 ;;
  esac
  shift
done

domain=bench.test users=50 password=bench-pass-9
BASE=${BASE:-21000}
smtp=$((BASE + 25)) imap=$((BASE + 43)) imaps=$((BASE + 93))
name_peer="Postfix + Dovecot" name_ours="mailserver"
export MSBUILDDISABLENODEREUSE=1

die() { echo "bench: $*" >&2; exit 1; }
[ "$(id -u)" = 0 ] || die "needs root: Postfix and Dovecot start as root"
W=$(mktemp -d -p "${BENCH_DIR:-/var/tmp}" bench.XXXXXX)
chmod 755 "$W"
results=$W/results.jsonl
running=()  # the process ids of the running server
: > "$results"

# --- processes -----------------------------------------------------------------------------------------------------------------

# The given processes and all their descendants.
family() {
  local pid children
  for pid in "$@"; do
    echo "$pid"
    mapfile -t children < <(pgrep -P "$pid")
    family "${children[@]}"
  done
}

stop() {
  [ ${#running[@]} -gt 0 ] || return 0
  local pids pid
  mapfile -t pids < <(family "${running[@]}")
  kill "${running[@]}" 2>/dev/null || true
  for _ in $(seq 100); do
    local live=0
    for pid in "${pids[@]}"; do kill -0 "$pid" 2>/dev/null && live=1; done
    [ $live = 0 ] && break
    sleep 0.1
  done
  for pid in "${pids[@]}"; do kill -9 "$pid" 2>/dev/null || true; done
  running=()
}

# Dovecot uses one inotify instance per idle session, all of one user; without them, pushes wait for a timer.
inotify=/proc/sys/fs/inotify/max_user_instances inotify_was=
raise_limits() {
  ulimit -n "$(ulimit -Hn)"
  [ "$(cat $inotify)" -lt 8192 ] || return 0
  inotify_was=$(cat $inotify)
  echo 8192 > $inotify || die "cannot raise $inotify: the peer's notifications would be delayed"
}

# shellcheck disable=SC2317  # the trap calls it
finish() {
  stop
  [ -z "$inotify_was" ] || echo "$inotify_was" > "$inotify"
  if [ -n "${KEEP:-}" ]; then echo "kept: $W" >&2; else rm -rf "$W"; fi
}
trap finish EXIT
trap 'exit 130' INT TERM

greets() { (exec 3<>"/dev/tcp/127.0.0.1/$1" && read -r -t 5 -u 3 _) 2>/dev/null; }

# ready SERVER STARTED: records the time until SMTP and IMAP send their greetings.
ready() {
  local port
  for port in $smtp $imap; do
    for _ in $(seq 1500); do greets "$port" && continue 2; sleep 0.01; done
    die "$1: port $port does not answer; see $W (KEEP=1)"
  done
  local name=name_$1
  printf '{"server":"%s","scenario":"start","figures":{"ready_ms":%d}}\n' "${!name}" $((($(date +%s%N) - $2) / 1000000)) >> "$results"
}

# --- the peer ------------------------------------------------------------------------------------------------------------------

install_peer() {
  local packages=(postfix dovecot-imapd dovecot-lmtpd openssl procps) policy=/usr/sbin/policy-rc.d made=
  dpkg -s "${packages[@]}" >/dev/null 2>&1 && return
  # Debian starts installed services unless this file forbids it.
  [ -e $policy ] || { printf '#!/bin/sh\nexit 101\n' > $policy; chmod +x $policy; made=1; }
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "${packages[@]}" >/dev/null || made="$made failed"
  [ "${made#1}" = "$made" ] || rm -f $policy
  [ "${made% failed}" = "$made" ] || die "cannot install ${packages[*]}"
}

peer_config() {
  mkdir -p "$1"/{etc,run,log,mail,spool,data}
  chown 5000:5000 "$1/mail"
  chown postfix "$1/data"
  for n in $(seq $users); do echo "user$n@$domain:{PLAIN}$password"; done > "$1/etc/passwd"
  dovecot_config "$1" > "$1/etc/dovecot.conf"
  postfix_main "$1" > "$1/etc/main.cf"
  postfix_master > "$1/etc/master.cf"
  sed 's/:.*/ x/' "$1/etc/passwd" > "$1/etc/mailboxes"
  postmap -c "$1/etc" "hash:$1/etc/mailboxes"
}

dovecot_config() {
  cat <<C
protocols = imap lmtp
listen = 127.0.0.1
base_dir = $1/run
state_dir = $1/run
log_path = $1/log/dovecot.log
ssl_cert = <$W/cert.pem
ssl_key = <$W/key.pem
disable_plaintext_auth = no
mail_location = maildir:$1/mail/%u/Maildir
first_valid_uid = 1
passdb {
  driver = passwd-file
  args = $1/etc/passwd
}
userdb {
  driver = static
  args = uid=5000 gid=5000 home=$1/mail/%u allow_all_users=yes
}
namespace {
  inbox = yes
}
# As its manual recommends for busy servers: login processes that serve many connections each, and reused imap processes;
# no limit below the load. Flushing is as shipped (mail_fsync = optimized).
default_client_limit = 8000
default_process_limit = 4000
mail_max_userip_connections = 0
auth_cache_size = 10M
service imap-login {
  service_count = 0
  process_min_avail = 2
  inet_listener imap {
    port = $imap
  }
  inet_listener imaps {
    port = $imaps
    ssl = yes
  }
}
service imap {
  service_count = 200
  process_min_avail = 2
  process_limit = 4000
}
service lmtp {
  process_min_avail = 4
  unix_listener lmtp {
    mode = 0666
  }
}
service anvil {
  client_limit = 20000
}
service auth {
  client_limit = 20000
}
service stats {
  client_limit = 20000
}
C
}

postfix_main() {
  cat <<C
compatibility_level = 3.6
queue_directory = $1/spool
data_directory = $1/data
daemon_directory = /usr/lib/postfix/sbin
myhostname = mx.$domain
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks = 127.0.0.0/8
disable_dns_lookups = yes
alias_maps =
virtual_mailbox_domains = $domain
virtual_mailbox_maps = hash:$1/etc/mailboxes
virtual_transport = lmtp:unix:$1/run/lmtp
maillog_file = $1/log/postfix.log
maillog_file_prefixes = $1
smtpd_tls_cert_file = $W/cert.pem
smtpd_tls_key_file = $W/key.pem
smtpd_tls_security_level = may
message_size_limit = 52428800
mailbox_size_limit = 0
# No throttling: no delay before 250, concurrent deliveries from the start, no limit per client.
in_flow_delay = 0
initial_destination_concurrency = 20
smtpd_client_connection_count_limit = 0
C
}

# service type private unprivileged chroot wakeup maxproc command: Debian's list without unused services and without chroot.
postfix_master() {
  cat <<C
127.0.0.1:$smtp inet n - n - - smtpd
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
pickup unix n - n 60 1 pickup
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
lmtp unix - - n - - lmtp
smtp unix - - n - - smtp
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
C
}

start_peer() {
  [ -e "$1" ] || { peer_config "$1"; postfix -c "$1/etc" check; }
  local started
  started=$(date +%s%N)
  dovecot -c "$1/etc/dovecot.conf"
  postfix -c "$1/etc" start 2>/dev/null
  running=("$(cat "$1/run/master.pid")" "$(tr -d ' ' < "$1/spool/pid/master.pid")")
  ready peer "$started"
}

# --- ours ----------------------------------------------------------------------------------------------------------------------

ours_config() {
  cat <<C
server:
  hostname: mx.$domain
  listen: 127.0.0.1
  smtp_port: $smtp
  submission_port: 0
  smtps_port: 0
  imap_port: $imap
  imaps_port: $imaps
  dav_port: 0
tls:
  auto_tls: false
  cert_file: $W/cert.pem
  key_file: $W/key.pem
storage:
  data_dir: $1/data
  database_path: $1/data/mail.db
  maildir_path: $1/data/maildir
security:
  require_tls: false
  verify_spf: false
  verify_dkim: false
  verify_dmarc: false
  sign_outbound: false
  max_message_size: 52428800
logging:
  level: info
  format: json
  output: $1/server.log
admin:
  enabled: false
C
}

# Accounts are created once; each round starts with a copy.
prepare_ours() {
  dotnet publish src/MailServer -c Release -o "$W/bin" -v q --nologo
  mkdir -p "$W/ours.0"
  ours_config "$W/ours.0" > "$W/ours.0/config.yaml"
  local mailserver=("$W/bin/mailserver" --config "$W/ours.0/config.yaml")
  "${mailserver[@]}" migrate > "$W/setup.log"
  "${mailserver[@]}" domain add $domain >> "$W/setup.log"
  for n in $(seq $users); do echo "$password" | "${mailserver[@]}" user add "user$n@$domain" --password-stdin; done >> "$W/setup.log"
}

start_ours() {
  [ -e "$1" ] || { mkdir "$1"; cp -a "$W/ours.0/data" "$1/data"; ours_config "$1" > "$1/config.yaml"; }
  local started
  started=$(date +%s%N)
  "$W/bin/mailserver" serve --config "$1/config.yaml" >> "$1/stdout.log" 2>&1 &
  running=($!)
  ready ours "$started"
}

# --- the rounds ----------------------------------------------------------------------------------------------------------------

failed=0
load() {
  local name=name_$1 scenario=$2
  shift 2
  "$W/load/load" "$scenario" --smtp-port $smtp --imap-port $imap --imaps-port $imaps --user "user{n}@$domain" --users $users \
    --password "$password" --server "${!name}" --json "$@" | tee -a "$results" >&2 || { echo "   ${!name}: $scenario failed" >&2; failed=1; }
}

# start SERVER: with the stores of this round, which are new the first time.
start() {
  local folder=$W/$1.$round
  if [ "$1" = peer ]; then start_peer "$folder"; else start_ours "$folder"; fi
}

raise_limits
install_peer
dotnet publish tests/MailServer.Load -c Release -o "$W/load" -v q --nologo
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj "/CN=mx.$domain" -keyout "$W/key.pem" -out "$W/cert.pem" 2>/dev/null
for server in "${servers[@]}"; do [ "$server" = peer ] || prepare_ours; done
read -r busy _ < /proc/loadavg
[ "${busy%.*}" -lt "$(nproc)" ] || echo "bench: the machine is busy (load $busy): the figures are unreliable" >&2
for round in $(seq "$rounds"); do
  for server in "${servers[@]}"; do
    echo "round $round: $server" >&2
    start "$server"
    load "$server" deliver --messages $messages --connections 10
    load "$server" fetch --messages $folder
    stop
    start "$server"  # so that no process and no memory of earlier runs is counted
    load "$server" idle --connections $sessions --deliveries $pushes --pid "${running[@]}"
    stop
  done
done
cp "$results" "${RESULTS:-/dev/null}"
"$W/load/load" table "$results" --peer "$name_peer" --ours "$name_ours"
exit $failed
