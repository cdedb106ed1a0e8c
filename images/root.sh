#!/bin/sh
# Makes the folder that bubblewrap shows as the whole system to candidate code: the file system of jurygrid-runner:TAG where an engine
# has it, else the same made by debootstrap, as root. ROOT becomes a link to a new folder beside it, in one step, and the folder that it
# led to is left until the next time, for what still runs in it. ROOT is where the settings say that it is (JURYGRID_ROOT).
#   root.sh PYTHON UV TAG
set -eu
python=$1 uv=$2 tag=$3
here=$(cd "$(dirname "$0")/.." && pwd)
release=bookworm
code=$(cd "$here" && "$python" -m grader.sandbox.code runner)
root=$(cd "$here" && "$python" -c 'from grader.settings import read_settings; print(read_settings().root)')

id() { docker image inspect --format '{{ .Id }}' "$1" 2>/dev/null || true; }

# `made` names all that is in the root, `system` the part of Debian in it, which a new root takes from the one before.
if [ "$(docker image inspect --format '{{ index .Config.Labels "jurygrid.code" }}' "jurygrid-runner:$tag" 2>/dev/null)" = "$code" ]; then
  from=image made=$(id "jurygrid-runner:$tag") system=$(id "jurygrid-system:$tag")
else
  from=bootstrap
  system=$(cat "$here/images/install.sh" "$here/images/packages.txt" "$here/images/node.sh" "$here/requirements-sandbox.lock" | sha256sum | cut -d ' ' -f 1)
  made=$(echo "$system $code" "$("$uv" --version)" | sha256sum | cut -d ' ' -f 1)
fi
if [ -z "${FRESH:-}" ] && [ "$(cat "$root/jurygrid-made" 2>/dev/null)" = "$made" ]; then
  echo "$root is up to date"
  exit 0
fi
if [ -e "$root" ] && [ ! -L "$root" ]; then echo "$root is not a link that make root made: move it away" >&2; exit 1; fi
mkdir -p "$(dirname "$root")"
root=$(cd "$(dirname "$root")" && pwd)/$(basename "$root")
new=$(mktemp -d "$root.XXXXXXXX")
chmod 755 "$new"
container=""
trap '[ -z "$container" ] || docker rm --force "$container" >/dev/null 2>&1; rm -rf "$new"' EXIT
if [ $from = image ]; then
  docker rm --force "jurygrid-root-$tag" >/dev/null 2>&1 || true
  container=$(docker create --network none --name "jurygrid-root-$tag" "jurygrid-runner:$tag")
fi

fill_from_image() {
  # An ordinary user cannot give files away: they are then the user's own, which changes nothing for what reads them.
  if [ "$(id -u)" = 0 ]; then owner=--numeric-owner; else owner=--no-same-owner; fi
  docker export "$container" | tar -C "$new" -x "$owner" --exclude 'dev/*' --exclude .dockerenv
}

fill_from_debian() {
  "$here/images/apt.sh" "$new/tmp/install/apt" "$release"
  "$here/images/bootstrap.sh" "$new" "$new/tmp/install/apt" "$release"
  cp "$here/images/install.sh" "$here/images/packages.txt" "$new/tmp/install/"
  cp /etc/resolv.conf "$new/etc/"
  log=$(mktemp)
  chroot "$new" sh /tmp/install/install.sh /tmp/install >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
  rm -rf "$log" "$new/tmp/install"
  "$here/images/node.sh" "$python" "$uv" "$new/usr/lib/node"
  find "$new/dev" -mindepth 1 -delete
  for name in resolv.conf hosts hostname; do : >"$new/etc/$name"; done
}

# What is ours is laid anew: the names in the root before may be linked to its files.
renew() {
  rm -rf "$new/opt/runner" "$new/opt/tools"
  mkdir -p "$new/opt/runner" "$new/opt/tools"
  if [ -n "$container" ]; then
    docker cp --quiet "$container:/opt/runner/." "$new/opt/runner"
    docker cp --quiet "$container:/opt/tools/." "$new/opt/tools"
  else
    cp -r "$here/checks/runner" "$new/opt/runner/"
    cp "$uv" "$new/opt/tools/uv"
    find "$new/opt/runner" -name __pycache__ -prune -exec rm -rf {} +
    chroot "$new" python3 -m compileall -q /opt/runner
  fi
  for file in code made system; do rm -f "$new/jurygrid-$file"; done
  echo "$code" >"$new/jurygrid-code"
  echo "$made" >"$new/jurygrid-made"
  echo "$system" >"$new/jurygrid-system"
}

if [ -z "${FRESH:-}" ] && [ "$(cat "$root/jurygrid-system" 2>/dev/null)" = "$system" ]; then
  cp -al "$root/." "$new"
elif [ $from = image ]; then
  fill_from_image
else
  fill_from_debian
fi
renew
before=$(readlink -f "$root" || true)
ln -s "$(basename "$new")" "$new.link"
mv -T "$new.link" "$root"
trap - EXIT
[ -z "$container" ] || docker rm --force "$container" >/dev/null
for old in "$root".????????; do
  [ "$old" = "$new" ] || [ "$(readlink -f "$old")" = "$before" ] || rm -rf "$old"
done
echo "$root"
