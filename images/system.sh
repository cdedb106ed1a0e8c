#!/bin/sh
# Installs the Debian packages that tests use for real, when it is root and they are absent; else says what is missing.
set -eu
missing=""
need() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"; }
need git git
need bwrap bubblewrap
need dockerd docker.io
need debootstrap debootstrap
need chromium chromium
need openssl openssl
need prlimit util-linux
need ps procps
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing$missing"
  log=$(mktemp)
  { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing; } >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
else
  echo "left out, because these packages are absent and this is not root on Debian or Ubuntu:$missing" >&2
fi
