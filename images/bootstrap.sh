#!/bin/sh
# Makes a small Debian in a folder, with debootstrap, where no image of one can be pulled.
#   bootstrap.sh FOLDER APT RELEASE    APT is what apt.sh laid out
set -eu
folder=$1 apt=$2 release=$3
PATH=$PATH:/usr/sbin:/sbin
[ "$(id -u)" = 0 ] || { echo "only root may make a Debian system with debootstrap" >&2; exit 1; }
command -v debootstrap >/dev/null || { echo "debootstrap is needed: apt install debootstrap" >&2; exit 1; }
mirror=$(sed -n "s/^deb \([^ ]*\) $release main\$/\1/p" "$apt/sources.list" | head -n 1)
log=$(mktemp)
# Nothing of it is worth flushing to disk file by file.
mkdir -p "$folder/etc/dpkg/dpkg.cfg.d"
echo force-unsafe-io >"$folder/etc/dpkg/dpkg.cfg.d/jurygrid"
debootstrap --variant=minbase "$release" "$folder" "${mirror:-http://deb.debian.org/debian}" >"$log" 2>&1 || { tail -n 20 "$log" >&2; exit 1; }
rm -rf "$log" "$folder"/var/cache/apt/* "$folder"/var/lib/apt/lists/*
# debootstrap knows the release only: its corrections come from here, unless apt.sh found where this machine gets them.
for suite in "" -updates; do
  echo "deb ${mirror:-http://deb.debian.org/debian} $release$suite main"
done >"$folder/etc/apt/sources.list"
echo "deb http://deb.debian.org/debian-security $release-security main" >>"$folder/etc/apt/sources.list"
