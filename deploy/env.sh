#!/bin/sh
# env.sh [FILE]     Writes the passwords that docker-compose.yml needs into FILE, by default .env beside that file.
#
# Each is random and made once: what FILE says already is never changed, only what is missing is added. So it may run
# again at any time, and has to after an upgrade that brings a new password. FILE is for its owner alone (mode 600).
#
# It also lets every user read what containers have mounted of this checkout: theirs are not who made it, and where that
# was with `umask 077` they could not even start.
set -eu
umask 077
here=$(dirname "$0")
file=${1:-$here/../.env}

redis="OPERATOR FETCHER EXTRACTOR CLASSIFIER INDEXER NOTIFIER API BEAT FLOWER"
elasticsearch="ELASTIC INDEXER NOTIFIER API KIBANA ANALYST"

added=0
# add NAME VALUE [PATTERN]: unless the file has the name, with a value like the pattern
add() {
  if grep -q "^$1=${3:-}" "$file"; then return; fi
  printf '%s=%s\n' "$1" "$2" >> "$file"
  added=$((added + 1))
}
# hexadecimal: nothing in it has to be escaped in a URL, a YAML file or a shell
secret() { od -An -v -tx1 -N 24 /dev/urandom | tr -d ' \n'; }

touch "$file"
chmod 600 "$file"
# a last line without an end would swallow the first that is added
if [ -n "$(tail -c 1 "$file")" ]; then echo >> "$file"; fi
for role in $redis; do add "TOCSIN_REDIS_PASSWORD_$role" "$(secret)" .; done
for role in $elasticsearch; do add "TOCSIN_ELASTICSEARCH_PASSWORD_$role" "$(secret)" .; done
add TOCSIN_KIBANA_KEY "$(secret)" .
# Which of the optional services `docker compose up` starts. Without kibana it stays away, and nothing else changes.
add COMPOSE_PROFILES kibana
find "$here/docker" "$here/monitoring" ! -type l ! -perm -o=r -exec chmod a+rX {} +
echo "env: $added added to $file"
