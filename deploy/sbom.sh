#!/bin/sh
# sbom.sh [FOLDER]     Writes what each image carries of Python packages, as CycloneDX 1.5, into FOLDER: dist/sbom.
#
# It is taken from uv.lock as the images are, so it needs no engine. Debian's packages are on the list that the images
# keep in /var/lib/dpkg, which scanners read.
set -eu
cd "$(dirname "$0")/.."
folder=${1:-dist/sbom}

uv=$(command -v uv || ls -d "${TOCSIN_CACHE:-/var/cache/tocsin}"/uv-*/bin/uv "$HOME"/.cache/tocsin/uv-*/bin/uv 2> /dev/null | head -n 1)
[ -n "$uv" ] || { echo "sbom: uv is missing: run make setup first" >&2; exit 1; }
mkdir -p "$folder"
for service in fetcher extractor classifier indexer notifier api setup beat; do
  extra="--extra $service"
  if [ "$service" = beat ]; then extra=; fi
  # shellcheck disable=SC2086 - two words or none
  "$uv" export --quiet --locked --no-dev --no-emit-project --preview-features sbom-export \
    --format cyclonedx1.5 $extra --output-file "$folder/$service.json" > /dev/null
  echo "$folder/$service.json"
done
