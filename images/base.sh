#!/bin/sh
# Makes the base image of the sandbox: pulls BASE_IMAGE where a registry is reachable, else builds one from Debian's packages.
#   base.sh TAG
set -eu
tag=$1
docker image inspect "$tag" >/dev/null 2>&1 && exit 0
if timeout 60 docker pull --quiet "${BASE_IMAGE:-debian:bookworm-slim}" >/dev/null 2>&1; then
  printf 'FROM %s\nRUN apt-get update && apt-get install -y --no-install-recommends python3 && rm -rf /var/lib/apt/lists/*\n' \
    "${BASE_IMAGE:-debian:bookworm-slim}" | DOCKER_BUILDKIT=0 docker build --quiet --network host --tag "$tag" - >/dev/null
  exit 0
fi
[ "$(id -u)" = 0 ] || { echo "no registry answers, and only root may build a base image with debootstrap" >&2; exit 1; }
echo "no registry answers: building the base image with debootstrap" >&2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
debootstrap --variant=minbase --include=python3 bookworm "$root" >"$root.log" 2>&1 || { tail -n 20 "$root.log" >&2; exit 1; }
rm -rf "$root/var/cache/apt/archives" "$root/var/lib/apt/lists" "$root.log"
tar -C "$root" -c . | docker import - "$tag" >/dev/null
