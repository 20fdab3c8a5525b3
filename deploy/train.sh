#!/bin/sh
# train.sh DATA     Makes the classifier's weights anew from the corpora in the folder DATA, in an environment of its own
#
# What training needs (torch and its like, several gigabytes) is installed beside the project's own environment, as
# uv.lock says. Encoder, heads and verdicts are replaced only when the new ones are better on the stories held out; then
# the small models that go by what the heads say are fitted to them.
set -eu
cd "$(dirname "$0")/.."

[ -d "$1" ] || { echo "train: no folder $1; DATA=... names that of the corpora" >&2; exit 1; }
# the uv of setup.sh
uv=$(command -v uv || ls "${TOCSIN_CACHE:-/var/cache/tocsin}"/uv-*/bin/uv "$HOME"/.cache/tocsin/uv-*/bin/uv 2>/dev/null | head -1)
[ -n "$uv" ] || { echo "train: run make setup first" >&2; exit 1; }
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS:-1}" UV_NATIVE_TLS="${UV_NATIVE_TLS:-1}"
for part in training training.second_acts training.placing training.when training.scene training.tolls training.who; do
  UV_PROJECT_ENVIRONMENT=.venv-training "$uv" run --quiet --locked --all-extras --group training \
    python -m "services.classifier.$part" --data "$1"
done
UV_PROJECT_ENVIRONMENT=.venv-training "$uv" run --quiet --locked --all-extras --group training \
  python -m services.indexer.training --data "$1"
