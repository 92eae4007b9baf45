#!/usr/bin/env bash
# A year of an installation in about an hour: each night the clock advances by a day, mail arrives and is deleted, a backup is made and old ones are removed,
# certificates and keys are renewed; once a week the server is killed, once a month a disk is full, once a quarter a newer version is started.
# At the end mail, calendars and a restored backup are compared with what was sent. As root on Debian, for faketime, pebble and tmpfs.
# Usage: tests/year.sh [NIGHTS] [COMMIT...]   (default 365; versions from old to new, followed by the last commit: default HEAD~45 HEAD~30 HEAD~15)
# Published versions are kept in artifacts/year.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
[ "$(id -u)" = 0 ] || { echo "year: needs root, to mount small file systems" >&2; exit 1; }
export MSBUILDDISABLENODEREUSE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
nights="${1:-365}"
shift || true
commits=("$@")
[ ${#commits[@]} -gt 0 ] || commits=(HEAD~45 HEAD~30 HEAD~15)
for program in faketime pebble; do command -v "$program" >/dev/null || DEBIAN_FRONTEND=noninteractive apt-get -q -y install --no-install-recommends "$program" >/dev/null; done
work=$(mktemp -d -t year.XXXXXX)
clean() {
  for disk in data backups restored; do umount "$work/run/$disk" 2>/dev/null || true; done
  rm -rf "$work"
}
trap clean EXIT
versions=()
for commit in "${commits[@]}" HEAD; do
  name=$(git rev-parse --short=12 "$commit")
  published="$PWD/artifacts/year/$name"
  if [ ! -x "$published/mailserver" ]; then
    git clone -q . "$work/source-$name"
    git -C "$work/source-$name" checkout -q "$name"
    dotnet publish "$work/source-$name/src/MailServer" -c Release -o "$published.part" -p:RunAnalyzers=false -v q --nologo
    rm -rf "$work/source-$name"
    mv "$published.part" "$published"
  fi
  versions+=("$published/mailserver")
done
python3 tests/year/year.py "$work/run" "$nights" "${versions[@]}"
