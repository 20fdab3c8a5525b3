#!/bin/bash
# compose-up.sh     Tocsin in containers, from nothing: passwords, images, everything up and healthy. May run again.
#
# What it needs and does not find, it says in one sentence.
set -euo pipefail
cd "$(dirname "$0")/.."

fail() { echo "compose-up: $*" >&2; exit 1; }

command -v docker > /dev/null || fail "docker is missing: install Docker Engine, see https://docs.docker.com/engine/install"
docker compose version > /dev/null 2>&1 || fail "docker has no compose: install its plugin docker-compose-plugin"
docker info > /dev/null 2>&1 || fail "no Docker engine answers: start it, or run this as a user who may use it"

# published: service, address and port of whatever is published, as compose itself understands .env and the environment
published() {
  docker compose config |
    awk '/^  [^ ]+:$/ {name = $1} /^ +host_ip:/ {ip = $2} /^ +published: "/ {gsub(":", "", name); gsub("\"", "", $2); print name, ip, $2}'
}
# taken ADDRESS PORT: whether something listens there
taken() {
  if command -v ss > /dev/null; then ss -Hltn "sport = :$2" | grep -q .
  else (exec 3<> "/dev/tcp/$1/$2") 2> /dev/null
  fi
}
# What setup has said since this moment, if it found something wrong. Some versions of compose begin a line with what
# erases it on a terminal.
found_since() {
  docker compose logs --no-log-prefix --no-color --since "$1" setup 2> /dev/null |
    sed -n 's/.*setup: failed: //p' | tail -n 1
}

deploy/env.sh
# what we publish already, from an earlier run: nobody else listens there
ours=" $(docker compose ps --quiet 2> /dev/null | xargs -r -n 1 docker port | sed 's/.*://' | sort -u | tr '\n' ' ' || true) "
published | while read -r name address port; do
  if [[ $ours != *" $port "* ]] && taken "$address" "$port"; then
    fail "port $port is taken: stop what listens there, or set TOCSIN_${name^^}_PORT in .env to another"
  fi
done

docker compose build
began=$(date -u +%Y-%m-%dT%H:%M:%SZ)
if ! docker compose up --detach --wait --wait-timeout 600; then
  # `up` gives up at the first that is not well, while setup may still be waiting for it, to say why
  running=$(docker compose ps --quiet setup 2> /dev/null)
  if [ -n "$running" ]; then timeout 320 docker wait "$running" > /dev/null || true; fi
  said=$(found_since "$began")
  fail "${said:-not everything is up: \`docker compose ps --all\` shows what, \`docker compose logs NAME\` why}"
fi
echo "Tocsin answers on http://$(docker compose port api 8000)"
