#!/usr/bin/env bash
# Builds the server and installs it on this machine, as root: deploy/install.sh
# Needs the .NET 10 SDK. Run it again after an update; 'mailserver setup' comes next.
# DESTDIR=/some/folder installs below that folder instead.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
destination="${DESTDIR:-}"
program=/opt/mailserver/mailserver

command -v dotnet >/dev/null || { echo "install.sh: 'dotnet' is missing; install the .NET 10 SDK first" >&2; exit 1; }
echo "Building the server; this takes a few minutes the first time ..."
dotnet publish "$root/src/MailServer" -c Release -o "$destination/opt/mailserver" --nologo -v quiet

id mailserver >/dev/null 2>&1 || useradd --system --home-dir /var/lib/mailserver --shell /usr/sbin/nologin mailserver
install -d "$destination/usr/local/bin"
ln -sfn "$destination$program" "$destination/usr/local/bin/mailserver"
"$root/deploy/shell-files.sh" "$destination$program" "$destination/usr/local"

echo "Installed $("$destination$program" version)"
echo "The program is $destination$program; $destination/usr/local/bin/mailserver leads to it."
