#!/bin/sh
# Builds jurygrid-service:TAG: the API, the workers, the sweeper and the socket proxy. `make images` comes first: it has the base.
#   service.sh PYTHON UV TAG
set -eu
python=$1 uv=$2 tag=$3
here=$(cd "$(dirname "$0")/.." && pwd)
release=bookworm
base=${BASE_IMAGE:-jurygrid-base:$release}
docker image inspect "$base" >/dev/null 2>&1 || base=debian:$release-slim
context=$(mktemp -d)
log=$context.log
trap 'rm -rf "$context" "$log"' EXIT
"$here/images/apt.sh" "$context/apt" "$release"
cp "$here/images/service/Dockerfile" "$here/images/service/packages.txt" "$here/images/install.sh" "$context/"
version=$(docker run --rm --network none "jurygrid-system:$tag" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null || echo 3.11)
"$uv" pip install --quiet --python "$python" --python-version "$version" --target "$context/site" --no-deps --only-binary :all: \
  --require-hashes -r "$here/requirements-service.lock"
find "$context/site" -name __pycache__ -prune -exec rm -rf {} +
rm -f "$context/site/.lock"
echo /opt/jurygrid >"$context/site/jurygrid.pth"
mkdir "$context/ours"
for package in grader checks rubrics worker api; do cp -r "$here/$package" "$context/ours/$package"; done
find "$context/ours" -name __pycache__ -prune -exec rm -rf {} +
proxy() { apt-config dump 2>/dev/null | sed -n "s/^Acquire::$1::Proxy \"\(.*\)\";\$/\1/p" | grep -v DIRECT | head -n 1; }
http_proxy=${http_proxy:-$(proxy http)} https_proxy=${https_proxy:-$(proxy https)} DOCKER_BUILDKIT=0 docker build --network host \
  --tag "jurygrid-service:$tag" --build-arg BASE_IMAGE="$base" --build-arg http_proxy --build-arg https_proxy "$context" >"$log" 2>&1 \
  || { tail -n 30 "$log" >&2; exit 1; }
echo "jurygrid-service:$tag"
