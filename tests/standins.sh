#!/bin/sh
# standins.sh     Gives the base images that ../shared/containers builds the exact tags by which our files name them.
#
# Those stand-ins are called by the series that they stand in for (redis:7-bookworm); docker-compose.yml and the Dockerfile
# name releases (redis:7.4.11-bookworm), which cannot be pulled here. An image that was pulled is never touched.
set -eu
cd "$(dirname "$0")/.."

# lend NAME SERIES VARIANT: NAME:SERIES-VARIANT under every exact tag of it in our files
lend() {
  made=$(docker image inspect --format '{{index .Config.Labels "local.recipe"}}' "$1:$2-$3" 2> /dev/null || true)
  if [ -z "$made" ]; then return; fi
  for exact in $(grep -Eho "$1:$2\.[0-9.]+-$3" docker-compose.yml deploy/docker/Dockerfile | sort -u); do
    own=$(docker image inspect --format '{{index .Config.Labels "local.recipe"}}' "$exact" 2> /dev/null || echo none)
    if [ -n "$own" ]; then docker tag "$1:$2-$3" "$exact"; fi
  done
}
lend redis 7 bookworm
lend python 3.11 slim-bookworm
