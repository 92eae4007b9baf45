#!/usr/bin/env bash
# Kills backups and restores (SIGKILL) at random moments, fills their disk, and compares the restored data with the original.
# Usage: tests/backup-faults.sh [ROUNDS] [MESSAGES]     MAILSERVER is the path of the executable; without it, the project is built.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
rounds=${1:-20} messages=${2:-300}
if [ -z "${MAILSERVER:-}" ]; then
  MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 dotnet build src/MailServer -c Release -v q --nologo
  MAILSERVER=$(find artifacts/bin/MailServer -name mailserver -type f -perm -u+x | head -1)
fi
MAILSERVER=$(realpath "$MAILSERVER")
work=$(mktemp -d)
small=
cleanup() {
  [ -z "$small" ] || umount "$small" || true
  rm -rf "$work"
}
trap cleanup EXIT

configure() { # FILE DATA
  printf 'server: {hostname: mail.example.org, listen: 127.0.0.1}\nstorage: {data_dir: %s}\nsecurity: {argon2_memory: 64KB, argon2_passes: 1}\n' "$2" >"$1"
}
configure "$work/config.yaml" "$work/data"
configure "$work/restored.yaml" "$work/restored"
ms() { "$MAILSERVER" "$@" --config "$work/config.yaml"; }
fail() { echo "FAILED: $*" >&2; exit 1; }
import() { # COUNT TAG
  for i in $(seq "$1"); do printf 'From x Sun Nov 29 03:00:00 2026\nSubject: %s %s\nMessage-ID: <%s.%s@example.org>\n\n%0*d\n\n' "$2" "$i" "$2" "$i" $((RANDOM % 3000 + 1)) 0; done >"$work/in.mbox"
  ms import mbox "$work/in.mbox" --account ann@example.org >/dev/null
}
picture() { (cd "$1/maildir" && find . -type f ! -name 'index.db*' ! -name 'dav.db*' ! -path './.*' -exec sha256sum {} + | sort -k2); }
now() { date +%s%3N; }
# Runs a command and kills it at a random moment within its previous run time, or a little later.
killed() { # MILLISECONDS COMMAND...
  local after=$((RANDOM % ($1 * 11 / 10 + 1))) process
  shift
  "$@" >/dev/null 2>&1 &
  process=$!
  sleep "$(printf '%d.%03d' $((after / 1000)) $((after % 1000)))"
  kill -9 "$process" 2>/dev/null || true
  wait "$process" 2>/dev/null || true
}
no_remains() { [ -z "$(find "$1" -maxdepth 1 -name '.partial-*' 2>/dev/null)" ] || fail "$1 has $(find "$1" -maxdepth 1 -name '.partial-*')"; }

ms migrate >/dev/null
ms domain add example.org >/dev/null
ms user add ann@example.org --password 'correct horse 9' >/dev/null
import "$messages" first
ln -s nowhere "$work/data/odd"
started=$(now)
ms backup "$work/backups" >/dev/null 2>&1
time_backup=$(($(now) - started))
time_restore=$time_backup

for round in $(seq "$rounds"); do
  import 5 "round$round"
  killed "$time_backup" "$MAILSERVER" backup "$work/backups" --keep 3 --config "$work/config.yaml"
  # Every folder named as a backup is complete, even after the kill.
  ms backup verify "$work/backups" >/dev/null 2>&1 || fail "round $round: the newest backup is not whole after a kill"
  ms backup "$work/backups" --keep 3 >/dev/null 2>&1 || fail "round $round: no backup after a kill"
  no_remains "$work/backups"
  [ ! -e "$work/data/maildir/.backup" ] || fail "round $round: staged files are left"
  ms backup verify "$work/backups" >/dev/null || fail "round $round: damaged"
  [ "$(find "$work/backups" -mindepth 1 -maxdepth 1 -type d | wc -l)" -le 3 ] || fail "round $round: more than three backups"

  killed "$time_restore" "$MAILSERVER" restore "$work/backups" --config "$work/restored.yaml"
  if [ ! -e "$work/restored/mail.db" ] || [ -e "$work/restored/restore.incomplete" ]; then
    started=$(now)
    "$MAILSERVER" restore "$work/backups" --config "$work/restored.yaml" >/dev/null || fail "round $round: no restore after a kill"
    time_restore=$(($(now) - started))
  fi
  diff <(picture "$work/data") <(picture "$work/restored") || fail "round $round: what was restored differs"
  "$MAILSERVER" check --config "$work/restored.yaml" >/dev/null || fail "round $round: check of the restored data finds something"
  rm -rf "$work/restored"
done

# A full disk: a small file system where one can be mounted, otherwise a limit on the size of files.
mkdir "$work/small"
if mount -t tmpfs -o size=100k none "$work/small" 2>/dev/null; then
  small="$work/small"
  ! ms backup "$work/small" >/dev/null 2>"$work/error" || fail "a backup fits on a disk that is too small"
  # The lock is a line of text.
  left=$(ls -A --ignore=lock "$work/small")
  [ -z "$left" ] || fail "a full disk is kept full by $left"
  mount -o remount,size=200m "$work/small"
else
  # A file that is too large for the disk is named, and the others are backed up.
  ! (trap '' XFSZ; ulimit -f 8; DOTNET_EnableWriteXorExecute=0 ms backup "$work/small" >/dev/null 2>"$work/error") || fail "files beyond the limit are not missed"
  no_remains "$work/small"
fi
ms backup "$work/small" >/dev/null 2>&1 || fail "no backup once there is room"
no_remains "$work/small"
ms backup verify "$work/small" >/dev/null 2>&1 || fail "the backup made once there was room is damaged"
echo "$rounds rounds of kills and a full disk: every backup whole, every restore complete"
