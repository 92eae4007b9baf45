#!/usr/bin/env bash
# Writes the manual pages and the completion of bash, zsh and fish: deploy/shell-files.sh PROGRAM PREFIX
# Under /usr they go where packages put them, under another prefix where an administrator does.
set -euo pipefail
program=$1 prefix=$2
zsh=site-functions
[ "$(basename "$prefix")" = local ] || zsh=vendor-completions
install -d "$prefix/share/man/man1" "$prefix/share/bash-completion/completions" "$prefix/share/zsh/$zsh" "$prefix/share/fish/vendor_completions.d"
"$program" man "$prefix/share/man/man1"
"$program" completion bash >"$prefix/share/bash-completion/completions/mailserver"
"$program" completion zsh >"$prefix/share/zsh/$zsh/_mailserver"
"$program" completion fish >"$prefix/share/fish/vendor_completions.d/mailserver.fish"
find "$prefix/share/man/man1" -name 'mailserver*.1' -exec gzip -9nf {} +
chmod 0644 "$prefix"/share/man/man1/mailserver*.1.gz "$prefix/share/bash-completion/completions/mailserver" \
  "$prefix/share/zsh/$zsh/_mailserver" "$prefix/share/fish/vendor_completions.d/mailserver.fish"
