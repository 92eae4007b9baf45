#!/usr/bin/env bash
# The first hour of a new administrator: runs the commands of README.md, read from the file itself, from the installation to mail in and out, and fails
# at the first one that is not true: tests/first-hour.sh [package|source]
#
# package (the default) builds and installs the Debian package and then hides the .NET SDK; source follows the block with deploy/install.sh.
# Needs root, overlayfs, unbound, util-linux, iproute2 and Python; takes a few minutes. The machine stays as it is: everything happens on an overlay
# of its file system, and between two network namespaces that lead nowhere else (their addresses look public, because mail is not sent to others).
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
way=${1:-package}
[ "$(id -u)" -eq 0 ] || { echo "first-hour.sh: needs root" >&2; exit 2; }
[[ $way =~ ^(package|source)$ ]] || { echo "first-hour.sh: unknown way '$way'; see the head of this file" >&2; exit 2; }
if [ -z "${FIRST_HOUR:-}" ]; then
  FIRST_HOUR=$(mktemp -d /tmp/first-hour.XXXXXX) exec unshare -m --propagation private bash "$0" "$@"
fi

work=$FIRST_HOUR fs=$FIRST_HOUR/disk/root started=$SECONDS processes=()
server=45.45.45.10 other=45.45.45.20 resolver=45.45.45.53 password='a first hour 9'
finish() {
  local code=$?
  if [ -e "$fs/run/mailserver.pid" ]; then kill "$(cat "$fs/run/mailserver.pid")" 2>/dev/null || true; fi
  for process in "${processes[@]}"; do kill "$process" 2>/dev/null || true; done
  [ $code -eq 0 ] || { echo "FAILED after: ${step:-the start}"; tail -n 20 "$fs/run/mailserver.log" 2>/dev/null || true; }
  sleep 0.3
  # Never into what is mounted below.
  if umount -R -l "$work/disk" 2>/dev/null || ! mountpoint -q "$work/disk"; then rm -rf --one-file-system "$work"; fi
}
trap finish EXIT

# An overlay of this machine's disk, without another mailserver and without systemd.
mkdir "$work/disk"
mount -t tmpfs -o mode=755 none "$work/disk"
mkdir "$work"/disk/{upper,work,root}
mount -t overlay overlay -o "lowerdir=/,upperdir=$work/disk/upper,workdir=$work/disk/work" "$fs"
mount -t tmpfs none "$fs/run"
mount -t proc proc "$fs/proc"
mount --rbind /dev "$fs/dev"
sed -i '/^mailserver:/d' "$fs"/etc/{passwd,group,shadow}
rm -rf "$fs"/{opt/mailserver,etc/mailserver,var/lib/mailserver,usr/local/bin/mailserver,usr/bin/mailserver,etc/systemd/system/mailserver.service}
rm -f "$fs/etc/resolv.conf"
echo "nameserver $resolver" >"$fs/etc/resolv.conf"
install -m 0755 "$root/tests/first-hour/systemctl" "$fs/usr/local/sbin/systemctl"

# Two hosts on one wire.
unshare -n sleep infinity & here=$! processes+=($!)
unshare -n sleep infinity & there=$! processes+=($!)
for process in $here $there; do until [ "$(readlink "/proc/$process/ns/net")" != "$(readlink /proc/self/ns/net)" ]; do sleep 0.05; done; done
nsenter -t $here -n ip link add eth0 type veth peer name eth0 netns $there
for process in $here $there; do nsenter -t "$process" -n sh -c 'ip link set lo up; ip link set eth0 up'; done
nsenter -t $here -n ip address add $server/24 dev eth0
nsenter -t $there -n sh -c "ip address add $other/24 dev eth0; ip address add $resolver/24 dev eth0"

in_root() { chroot "$fs" env -C "$root" HOME=/root "$@"; }
on_server() { nsenter -t $here -n chroot "$fs" env -C "$root" HOME=/root DEBIAN_FRONTEND=noninteractive "$@"; }
elsewhere() { nsenter -t $there -n /usr/bin/python3 "$root/tests/first-hour/mail.py" "$@"; }

# The lines of block NAME number N of the README and the documents.
block() {
  awk -v want="\`\`\`sh test=$1" -v number="$2" '$0 == want { seen++; inside = (seen == number); next } /^```/ { inside = 0 } inside' "$root/README.md" "$root"/docs/*.md | grep . \
    || { echo "README.md and docs have no block $1 number $2" >&2; exit 1; }
}

# run COMMAND: runs one command of the README on the server, and shows what it prints.
run() {
  step=$1
  echo "\$ $step"
  on_server bash -o pipefail -c "$step" 2>&1 </dev/null | tee "$work/output" | sed 's/^/    /' | cut -c1-200
}

expect() { grep -qE "$1" "$work/output" || { echo "the output has no '$1'"; exit 1; }; }

# Publishes records: zone lines on standard input. The DNS server starts again with all records so far.
publish() {
  grep -E '^[^; ]+\. IN ' | sed 's/ ; .*//' >>"$work/zone" || true
  sort -u -o "$work/zone" "$work/zone"
  {
    printf 'server:\n  interface: %s\n  do-daemonize: no\n  chroot: ""\n  username: ""\n  pidfile: ""\n  use-syslog: no\n  logfile: "%s"\n' $resolver "$work/unbound.log"
    printf '  access-control: 0.0.0.0/0 allow\n  module-config: "iterator"\n  local-zone: "." static\nremote-control:\n  control-enable: no\nserver:\n'
    sed "s/.*/  local-data: '&'/" "$work/zone"
  } >"$work/unbound.conf"
  if [ -n "${dns:-}" ]; then kill "$dns"; wait "$dns" 2>/dev/null || true; fi
  nsenter -t $there -n unbound -c "$work/unbound.conf" & dns=$! processes+=($!)
  sleep 1
}

echo "== 1. Install ($way)"
if [ "$way" = package ]; then
  mapfile -t lines < <(block package 1)
  # The build has the network of this machine, for the SDK.
  step=${lines[0]}
  echo "\$ $step"
  in_root bash -c "$step" >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; exit 1; }
  rm -rf "$fs/usr/share/dotnet" "$fs/usr/lib/dotnet" "$fs/root/.nuget" "$fs/root/.dotnet"
  run "${lines[1]}"
else
  step=$(block production 1)
  echo "\$ $step"
  in_root bash -c "$step" >"$work/build.log" 2>&1 || { tail -n 20 "$work/build.log"; exit 1; }
  tail -n 2 "$work/build.log"
fi
run 'command -v mailserver && mailserver --version && mailserver help user add'
run 'test -e /usr/share/man/man1/mailserver-user.1.gz || test -e /usr/local/share/man/man1/mailserver-user.1.gz'

echo "== 2. Set up"
publish < <(printf '%s\n' "other.example. IN MX 10 mx.other.example." "mx.other.example. IN A $other" 'other.example. IN TXT "v=spf1 mx -all"' \
  "gmail-smtp-in.l.google.com. IN A $other" "10.45.45.45.in-addr.arpa. IN PTR mail.example.org.")
step=$(block production 2)
echo "\$ $step"
on_server bash -eu -o pipefail -c "$step" <<<"$password" | tee "$work/output"
expect 'postmaster@example.org'
expect 'http://127.0.0.1:8090/'

echo "== 3. Publish the records"
publish <"$work/output"
nsenter -t $there -n /usr/bin/python3 "$root/tests/first-hour/mail.py" sink "$other" "$work/sent.eml" & processes+=($!)
while read -r line; do run "$line"; done < <(block check 1)

echo "== 4. Start"
while read -r line; do run "$line"; done < <(block production 3)
run 'mailserver doctor || true'
if grep -E $'\tproblem\t' "$work/output" | grep -vE '^(certificate|tls|mail\.example\.org)'; then echo "the doctor finds problems"; exit 1; fi
while read -r line; do
  case "$line" in
    *doctor*) ;;
    *"user add"*) run "(sleep 3; echo '$password'; sleep 2; echo '$password'; sleep 1) | script -qec '$line' /dev/null" ;;
    *) run "$line" ;;
  esac
done < <(block check 2)
run 'mailserver user list'
expect 'bob@example.org'

echo "== Mail comes in, and goes out"
step="mail from ben@other.example"
elsewhere deliver $server ben@other.example anna@example.org
elsewhere deliver $server ben@other.example postmaster@example.org
step="Anna reads it"
nsenter -t $here -n /usr/bin/python3 "$root/tests/first-hour/mail.py" read $server anna@example.org "$password" 2 | tee "$fs/srv/message.eml" | head -n 3
step="Anna writes to ben@other.example"
nsenter -t $here -n /usr/bin/python3 "$root/tests/first-hour/mail.py" submit $server anna@example.org "$password" ben@other.example
for _ in $(seq 100); do [ -s "$work/sent.eml" ] && break; sleep 0.2; done
cp "$work/sent.eml" "$fs/srv/sent.eml"
run 'mailserver dkim verify /srv/sent.eml'
expect 'example.org .*pass|pass.*example.org'
run 'mailserver queue list && mailserver status'

echo "== What docs/operations.md says besides"
run 'curl -sS -o /dev/null -w "%{http_code}\n" http://127.0.0.1:8090/sign-in'
expect '^200$'
while read -r line; do run "cd /srv && $line"; done < <(block explain 1)
while read -r line; do
  run "$line"
  publish <"$work/output"
done < <(block rotation 1)
echo "The README is true ($way), after $((SECONDS - started)) s."
