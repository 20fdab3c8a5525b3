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

deploy/env.sh
# How compose itself understands .env and the environment: address and port of whatever it publishes.
published=$(docker compose config | awk '/host_ip:/ {ip = $2} /published:/ {gsub("\"", "", $2); print ip, $2}')
running=$(docker compose ps --quiet 2> /dev/null | head -n 1)

# taken ADDRESS PORT: whether something listens there
taken() {
  if command -v ss > /dev/null; then ss -Hltn "sport = :$2" | grep -q .
  else (exec 3<> "/dev/tcp/$1/$2") 2> /dev/null
  fi
}
if [ -z "$running" ]; then
  echo "$published" | while read -r address port; do
    if [ -n "$port" ] && taken "$address" "$port"; then
      fail "port $port is taken: stop what listens there, or set TOCSIN_API_PORT or TOCSIN_KIBANA_PORT in .env to another"
    fi
  done
fi

docker compose build
if ! docker compose up --detach --wait --wait-timeout 600; then
  # what `setup` found, or else who is not well; some versions of compose begin a line with what erases it on a terminal
  said=$(docker compose logs --no-log-prefix --no-color setup 2> /dev/null | sed -n 's/.*setup: failed: //p' | tail -n 1)
  case $said in
    '') fail "not everything is up: \`docker compose ps --all\` shows what, \`docker compose logs NAME\` why" ;;
    *) fail "$said" ;;
  esac
fi
echo "Tocsin answers on http://$(docker compose port api 8000)"
