#!/usr/bin/env bash
# containers.sh     The compose file on a real engine: `make test-containers`.
#
# Where docker reaches no engine, one is borrowed from ../shared/containers, and stopped at the end; with neither, nothing
# is tested, which is a failure in CI alone. Arguments go to pytest.
set -euo pipefail
cd "$(dirname "$0")/.."
containers=$PWD/../shared/containers

reached() { timeout 20 docker info && docker compose version; } > /dev/null 2>&1

if reached; then
  echo "the engine that docker reaches"
elif [ -d "$containers" ]; then
  trap 'bash "$containers/engine.sh" stop' EXIT
  bash "$containers/engine.sh" install
  bash "$containers/engine.sh" start
  exports=$(bash "$containers/engine.sh" env)  # not eval "$(...)": that would go on when it fails
  eval "$exports"
  bash "$containers/images.sh"
elif [ "${CI:-}" = true ]; then
  echo "no container engine, and no $containers to borrow one from" >&2
  exit 1
else
  echo "left out: no container engine, and no $containers to borrow one from"
  exit 0
fi
tests/standins.sh
.venv/bin/python -m pytest tests/e2e/test_compose*.py "$@"
