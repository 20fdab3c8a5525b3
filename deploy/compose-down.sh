#!/bin/sh
# compose-down.sh     Stops and removes the containers of every profile; the data stay in their volumes.
#
# Without .env, or where a password is missing in it, too: compose reads nothing of a file that lacks a value.
set -eu
cd "$(dirname "$0")/.."

stopgap=$(mktemp)
trap 'rm -f "$stopgap"' EXIT
deploy/env.sh "$stopgap" > /dev/null
set -- --env-file "$stopgap"
if [ -e .env ]; then set -- "$@" --env-file .env; fi  # the later one holds: the project may have a name of its own
docker compose "$@" --profile '*' down
