#!/bin/sh
# Builds the two images: jurygrid-runner:TAG and jurygrid-examiner:TAG. What is built needs the network for Debian's packages only.
#   build.sh PYTHON UV TAG
# BASE_IMAGE is pulled where a registry answers; else a base is made with debootstrap. FRESH=1 makes all anew, Debian's updates included.
set -eu
python=$1 uv=$2 tag=$3
here=$(cd "$(dirname "$0")/.." && pwd)
release=bookworm
code=$(cd "$here" && "$python" -m grader.sandbox.code)
runner=$(cd "$here" && "$python" -m grader.sandbox.code runner)
recipe=$(cat "$here/images/Dockerfile" "$here/images/install.sh" "$here/images/packages.txt" "$here/images/node.sh" \
  "$here/requirements.lock" "$here/requirements-sandbox.lock" | sha256sum | cut -d ' ' -f 1)

label() { docker image inspect --format '{{ index .Config.Labels "jurygrid.code" }} {{ index .Config.Labels "jurygrid.recipe" }}' "$1" 2>/dev/null || true; }

if [ -z "${FRESH:-}" ] && [ "$(label "jurygrid-runner:$tag")" = "$runner $recipe" ] && [ "$(label "jurygrid-examiner:$tag")" = "$code $recipe" ]; then
  echo "jurygrid-runner:$tag and jurygrid-examiner:$tag are up to date"
  exit 0
fi

context=$(mktemp -d)
log=$context.log
trap 'rm -rf "$context" "$log"' EXIT
"$here/images/apt.sh" "$context/apt" "$release"

here_already() { docker image inspect "$1" >/dev/null 2>&1; }
pulled() { timeout 60 docker pull --quiet "$1" >/dev/null 2>&1; }

# The base: what is here from before, or pulled, or made here. FRESH asks for a newer one first.
base=${BASE_IMAGE:-debian:$release-slim}
own=jurygrid-base:$release
if [ -n "${FRESH:-}" ]; then docker image rm --force "$own" >/dev/null 2>&1 || true; fi
if ! { [ -z "${FRESH:-}" ] && here_already "$base"; } && ! pulled "$base" && ! here_already "$base"; then
  [ -z "${BASE_IMAGE:-}" ] || { echo "$base is not here and cannot be pulled" >&2; exit 1; }
  base=$own
  if ! here_already "$base"; then
    echo "no registry answers: making the base image with debootstrap" >&2
    "$here/images/bootstrap.sh" "$context/base" "$context/apt" "$release"
    tar -C "$context/base" --exclude './dev/*' -c . | docker import - "$base" >/dev/null
    rm -rf "$context/base"
  fi
fi

# Docker leaves proxies out of the image and of its history when they come under these names; they are for apt alone.
proxy() { apt-config dump 2>/dev/null | sed -n "s/^Acquire::$1::Proxy \"\(.*\)\";\$/\1/p" | grep -v DIRECT | head -n 1; }
apt_http_proxy=${http_proxy:-$(proxy http)} apt_https_proxy=${https_proxy:-$(proxy https)}

# The network of the host is for apt: it works with any resolver or proxy of this machine, and without a bridge.
build() {
  target=$1
  shift
  http_proxy=$apt_http_proxy https_proxy=$apt_https_proxy DOCKER_BUILDKIT=0 docker build --network host --target "$target" \
    --tag "jurygrid-$target:$tag" --build-arg BASE_IMAGE="$base" --build-arg http_proxy --build-arg https_proxy \
    ${FRESH_BUILD:+--no-cache} "$@" "$context" >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
  echo "jurygrid-$target:$tag"
}

cp "$here/images/Dockerfile" "$here/images/install.sh" "$here/images/packages.txt" "$uv" "$context/"
"$here/images/node.sh" "$python" "$uv" "$context/node"
cp -r "$here/checks/runner" "$context/runner"
find "$context/runner" -name __pycache__ -prune -exec rm -rf {} +
FRESH_BUILD=${FRESH:-} build system
build runner --label "jurygrid.code=$runner" --label "jurygrid.recipe=$recipe"

version=$(docker run --rm --network none "jurygrid-system:$tag" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
"$uv" pip install --quiet --python "$python" --python-version "$version" --target "$context/site" --no-deps --only-binary :all: \
  --require-hashes -r "$here/requirements.lock"
find "$context/site" -name __pycache__ -prune -exec rm -rf {} +
ln -sf /opt/tools/uv "$context/site/bin/uv"
rm -f "$context/site/bin/uvx" "$context/site/.lock"
echo /opt/jurygrid >"$context/site/jurygrid.pth"
mkdir "$context/ours"
for package in grader checks rubrics; do cp -r "$here/$package" "$context/ours/$package"; done
find "$context/ours" -name __pycache__ -prune -exec rm -rf {} +
build examiner --label "jurygrid.code=$code" --label "jurygrid.recipe=$recipe"
# What these tags named before has no name now.
docker image prune --force --filter label=jurygrid.code >/dev/null
