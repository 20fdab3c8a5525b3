#!/bin/sh
# tools.sh     Leaves what the chart is tested with in .helm: Helm's engine and Kubernetes' schemas, as uv.lock says.
#
# Needs what deploy/setup.sh has installed. A download of some 75 MB, and a second of processor time.
set -eu
cd "$(dirname "$0")/../.."

if [ -n "${TOCSIN_CACHE:-}" ]; then cache=$TOCSIN_CACHE
elif [ "$(id -u)" = 0 ]; then cache=/var/cache/tocsin
else cache=${XDG_CACHE_HOME:-$HOME/.cache}/tocsin
fi
if command -v uv > /dev/null; then uv=uv
else uv=$(ls "$cache"/uv-*/bin/uv | tail -n 1)
fi
UV_PROJECT_ENVIRONMENT=.helm UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1} UV_NATIVE_TLS=${UV_NATIVE_TLS:-1} \
  "$uv" sync --quiet --locked --only-group charts
