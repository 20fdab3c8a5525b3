#!/bin/sh
# digests.sh     Writes into docker-compose.yml what the files are that containers have mounted of this repository.
#
# Compose starts a container anew when its labels change, but not when a file does that it has mounted: new access rules
# would not be in force after an upgrade. So each of these files, or folders, has a label of its name, and this puts its
# digest there. Whoever changes such a file runs it: a test fails until then.
set -eu
cd "$(dirname "$0")/.."
file=docker-compose.yml

# digest PATH: 16 characters of a SHA-256 of the content and the names of all files
digest() { find "$1" -type f -exec sha256sum {} + | LC_ALL=C sort -k 2 | sha256sum | cut -c 1-16; }

program=
for path in $(sed -n 's/^ *\(deploy\/[^ :]*\): ".*"$/\1/p' "$file"); do
  program="$program
s|^\\( *$path: \\)\".*\"\$|\\1\"$(digest "$path")\"|"
done
written=$(sed "$program" "$file")
# what is right already stays untouched
if [ "$written" != "$(cat "$file")" ]; then printf '%s\n' "$written" > "$file"; fi
