#!/usr/bin/env bash
# Builds the Debian package: deploy/package.sh [--from PUBLISHED_FOLDER] [--out FOLDER]
# Without --from it publishes first, with the .NET runtime inside, so that the package needs nothing of the kind.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
from="" out="$root/artifacts/package"
while [ $# -gt 0 ]; do
  case $1 in
    --from) from=$(cd "$2" && pwd); shift 2 ;;
    --out) mkdir -p "$2"; out=$(cd "$2" && pwd); shift 2 ;;
    *) echo "package.sh: what is '$1'? See the head of this file." >&2; exit 2 ;;
  esac
done

arch=$(dpkg --print-architecture)
stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
depends="libc6, libgcc-s1, libssl3 | libssl3t64, libicu72 | libicu74 | libicu76, libstdc++6, systemd | systemd-standalone-sysusers"
if [ -z "$from" ]; then
  from="$stage/published"
  dotnet publish "$root/src/MailServer" -c Release --self-contained -o "$from"
else
  [ -e "$from/libcoreclr.so" ] || depends="$depends, aspnetcore-runtime-10.0"
fi

# The program knows what it was built from.
version=$("$from/mailserver" version | cut -d' ' -f2)
date=$(git -C "$root" log -1 --format=%cD 2>/dev/null || date -R)
documents="usr/share/doc/mailserver"
tree="$stage/tree"
install -d "$tree/DEBIAN" "$tree/usr/bin" "$tree/usr/lib/mailserver" "$tree/$documents" \
  "$tree/usr/lib/systemd/system" "$tree/usr/lib/sysusers.d" "$tree/usr/share/lintian/overrides" "$tree/etc/mailserver" "$tree/etc/logrotate.d"
cp -R "$from/." "$tree/usr/lib/mailserver/"
find "$tree/usr/lib/mailserver" -name '*.pdb' -delete
find "$tree/usr/lib/mailserver" -type f -exec chmod 0644 {} +
chmod 0755 "$tree/usr/lib/mailserver/mailserver"
ln -s ../lib/mailserver/mailserver "$tree/usr/bin/mailserver"
install -m 0644 "$root/deploy/systemd/mailserver.service" "$root/deploy/systemd/mailserver.socket" "$tree/usr/lib/systemd/system/"
install -m 0644 "$root/deploy/logrotate/mailserver" "$tree/etc/logrotate.d/mailserver"
# The documents keep their places, so that links between them work; a link to anything that is not in the package becomes plain text.
(cd "$root" && find README.md docs deploy/monitoring -type f -print0) | while IFS= read -r -d '' file; do install -D -m 0644 "$root/$file" "$tree/$documents/$file"; done
install -m 0644 "$root/configs/config.example.yaml" "$tree/$documents/"
install -d "$tree/$documents/configs"
ln -s ../config.example.yaml "$tree/$documents/configs/config.example.yaml"
find "$tree/$documents" -name '*.md' -print0 | while IFS= read -r -d '' file; do
  folder=$(dirname "$file") perl -pi -e 's{!?\[([^\]]*)\]\((?![a-z]+:|#)([^)#\s]+)[^)]*\)}{-e "$ENV{folder}/$2" ? $& : $1}ge' "$file"
done
install -m 0644 "$root/deploy/debian/copyright" "$tree/$documents/copyright"
install -m 0644 "$root/deploy/debian/lintian-overrides" "$tree/usr/share/lintian/overrides/mailserver"
"$root/deploy/shell-files.sh" "$from/mailserver" "$tree/usr"
printf 'mailserver (%s) unstable; urgency=medium\n\n  * Built from commit %s.\n\n -- The mailserver authors <postmaster@localhost>  %s\n' \
  "$version" "$(git -C "$root" rev-parse HEAD 2>/dev/null || echo unknown)" "$date" | gzip -9n >"$tree/$documents/changelog.gz"
chmod 0644 "$tree/$documents/changelog.gz"
printf 'u mailserver - "Mail server" /var/lib/mailserver\n' >"$tree/usr/lib/sysusers.d/mailserver.conf"

cat >"$tree/DEBIAN/control" <<CONTROL
Package: mailserver
Version: $version
Architecture: $arch
Maintainer: The mailserver authors <postmaster@localhost>
Installed-Size: $(du -sk "$tree" | cut -f1)
Depends: $depends
Provides: imap-server
Suggests: dma | msmtp-mta
Section: mail
Priority: optional
Description: mail server with IMAP push, CalDAV and CardDAV
 One program and one folder of data: SMTP in and out with DKIM, a Maildir,
 IMAP, calendars and contacts, certificates that it fetches by itself.
CONTROL

# What an administrator may edit is kept, or asked about, at an upgrade. The configuration itself is made by 'mailserver setup' and never part of the package.
(cd "$tree" && find etc -type f -printf '/%p\n' | sort >DEBIAN/conffiles && find usr -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)
[ -s "$tree/DEBIAN/conffiles" ] || rm "$tree/DEBIAN/conffiles"
chmod 0644 "$tree/DEBIAN"/*

# Nothing here starts the server: 'mailserver setup' comes first. DPKG_ROOT is set when a package is installed into another root.
cat >"$tree/DEBIAN/postinst" <<'SCRIPT'
#!/bin/sh
set -e
[ "$1" = configure ] || exit 0
systemd-sysusers --root="${DPKG_ROOT:-/}" mailserver.conf
id=$(sed -n 's/^mailserver:[^:]*:\([0-9]*\):\([0-9]*\):.*/\1:\2/p' "${DPKG_ROOT:-}/etc/passwd")
install -d -m 0700 "${DPKG_ROOT:-}/var/lib/mailserver"
chown "$id" "${DPKG_ROOT:-}/var/lib/mailserver"
if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  if [ -n "$2" ] && systemctl is-active --quiet mailserver; then systemctl restart mailserver; fi
fi
[ -e "${DPKG_ROOT:-}/etc/mailserver/config.yaml" ] || echo "mailserver: run 'mailserver setup', then 'systemctl enable --now mailserver'"
SCRIPT
cat >"$tree/DEBIAN/prerm" <<'SCRIPT'
#!/bin/sh
set -e
if [ "$1" = remove ] && [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then systemctl disable --now mailserver.service mailserver.socket || true; fi
SCRIPT
# Mail and keys are never deleted by removing a program, unless that is said: MAILSERVER_PURGE_DATA=yes dpkg --purge mailserver.
cat >"$tree/DEBIAN/postrm" <<'SCRIPT'
#!/bin/sh
set -e
if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
[ "$1" = purge ] || exit 0
rm -rf "${DPKG_ROOT:-}/etc/mailserver" "${DPKG_ROOT:-}/var/log/mailserver"
if [ "${MAILSERVER_PURGE_DATA:-}" = yes ]; then
  rm -rf "${DPKG_ROOT:-}/var/lib/mailserver"
  if [ -z "${DPKG_ROOT:-}" ] && command -v deluser >/dev/null; then deluser --quiet --system mailserver || true; fi
elif [ -d "${DPKG_ROOT:-}/var/lib/mailserver" ] && ! rmdir "${DPKG_ROOT:-}/var/lib/mailserver" 2>/dev/null; then
  echo "mailserver: mail and keys are still in /var/lib/mailserver, and belong to the user 'mailserver'"
fi
SCRIPT
chmod 0755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm" "$tree/DEBIAN/postrm"
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "$out/mailserver_${version}_$arch.deb"
