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

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
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

tree="$stage/tree"
install -d "$tree/DEBIAN" "$tree/usr/bin" "$tree/usr/lib/mailserver" "$tree/usr/share/doc/mailserver" \
  "$tree/lib/systemd/system" "$tree/usr/lib/sysusers.d" "$tree/etc/mailserver" "$tree/etc/logrotate.d"
cp -R "$from/." "$tree/usr/lib/mailserver/"
find "$tree/usr/lib/mailserver" -name '*.pdb' -delete
find "$tree/usr/lib/mailserver" -type f -exec chmod 0644 {} +
chmod 0755 "$tree/usr/lib/mailserver/mailserver"
ln -s ../lib/mailserver/mailserver "$tree/usr/bin/mailserver"
install -m 0644 "$root/deploy/systemd/mailserver.service" "$root/deploy/systemd/mailserver.socket" "$tree/lib/systemd/system/"
install -m 0644 "$root/deploy/logrotate/mailserver" "$tree/etc/logrotate.d/mailserver"
install -m 0644 "$root/configs/config.example.yaml" "$root/README.md" "$tree/usr/share/doc/mailserver/"
[ ! -e "$root/LICENSE" ] || install -m 0644 "$root/LICENSE" "$tree/usr/share/doc/mailserver/copyright"
printf 'u mailserver - "Mail server" /var/lib/mailserver\n' >"$tree/usr/lib/sysusers.d/mailserver.conf"

printf '/etc/logrotate.d/mailserver\n' >"$tree/DEBIAN/conffiles"
cat >"$tree/DEBIAN/control" <<CONTROL
Package: mailserver
Version: $version
Architecture: $arch
Maintainer: The mailserver developers <postmaster@localhost>
Installed-Size: $(du -sk "$tree" | cut -f1)
Depends: $depends
Provides: imap-server
Section: mail
Priority: optional
Description: mail server with IMAP push, CalDAV and CardDAV
 One program and one folder of data: SMTP in and out with DKIM, a Maildir,
 IMAP, calendars and contacts, certificates that it fetches by itself.
CONTROL

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
# Mail is never deleted by removing a program.
cat >"$tree/DEBIAN/postrm" <<'SCRIPT'
#!/bin/sh
set -e
if [ -z "${DPKG_ROOT:-}" ] && [ -d /run/systemd/system ]; then systemctl daemon-reload; fi
[ "$1" != purge ] || echo "mailserver: mail and keys are still in /var/lib/mailserver"
SCRIPT
chmod 0755 "$tree/DEBIAN/postinst" "$tree/DEBIAN/prerm" "$tree/DEBIAN/postrm"
mkdir -p "$out"
dpkg-deb --root-owner-group -Zxz -z1 --build "$tree" "$out/mailserver_${version}_$arch.deb"
