#!/bin/sh
# setup.sh     Installs Tocsin and what it is developed with into .venv, as uv.lock says. Quick when all is there.
#
# Needs python3. uv is taken from the PATH, else a fixed version is installed from PyPI into a folder of its own under
# the cache folder, shared by all checkouts. What that needs of the system is installed by apt for root, else named.
set -eu
cd "$(dirname "$0")/.."

uv_version=0.13.9

if [ -n "${TOCSIN_CACHE:-}" ]; then cache=$TOCSIN_CACHE
elif [ "$(id -u)" = 0 ]; then cache=/var/cache/tocsin
else cache=${XDG_CACHE_HOME:-$HOME/.cache}/tocsin
fi

fail() { echo "setup: $*" >&2; exit 1; }

# packages NAME...: installs Debian packages, or says what to run
packages() {
  command -v apt-get >/dev/null || fail "$* missing: install it with your system's package manager"
  [ "$(id -u)" = 0 ] || fail "$* missing: sudo apt-get install -y --no-install-recommends $*"
  echo "setup: installing $*"
  { apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "$@"; } >/dev/null
}

# own_uv: leaves uv in a virtual environment of its own, whole or not at all
own_uv() {
  command -v python3 >/dev/null || packages python3
  python3 -c 'import ensurepip, venv' 2>/dev/null || packages python3-venv
  echo "setup: installing uv $uv_version"
  mkdir -p "$cache"
  rm -rf "$venv"
  # the last step marks it as complete
  python3 -m venv "$venv" &&
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$uv_version" &&
    touch "$venv/complete" || fail "uv cannot be installed; install it yourself, or see the error above"
}

if command -v uv >/dev/null; then
  uv=uv
else
  venv=$cache/uv-$uv_version
  uv=$venv/bin/uv
  [ -e "$venv/complete" ] || own_uv
fi

# The system's certificates, not uv's own: behind a proxy only they hold. Older versions know the second name.
UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1} UV_NATIVE_TLS=${UV_NATIVE_TLS:-1} "$uv" sync --quiet --locked --all-extras
# The index of places, ten seconds: else the first process that needs it builds it.
.venv/bin/python -m services.classifier.where.atlas >/dev/null
