#!/usr/bin/env bash
# Prints the version of this source tree and its commit: "VERSION COMMIT". At a tag vX.Y.Z that is X.Y.Z; later commits are X.Y.Z+gitN.HASH with the number of
# commits since, so that packages of one branch are ordered as they were made. Without a tag the commits since the beginning count for the version in
# Directory.Build.props. Prints that version alone where the history is not known: no repository, or only a part of one.
set -euo pipefail
root="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)"
base=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' "$root/Directory.Build.props")
git() { command git -C "$root" "$@" 2>/dev/null; }

if [ "$(git rev-parse --show-toplevel)" != "$root" ] || [ "$(git rev-parse --is-shallow-repository)" != false ]; then
  echo "$base"
  exit 0
fi

commit=$(git rev-parse HEAD)
since=HEAD
if tag=$(git describe --tags --abbrev=0 --match 'v[0-9]*'); then
  base=${tag#v}
  since="$tag..HEAD"
fi
count=$(git rev-list --count "$since")
[ "$count" -eq 0 ] || base="$base+git$count.${commit:0:7}"
echo "$base $commit"
