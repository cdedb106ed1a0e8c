#!/bin/sh
# Builds the examiner image without needing a network inside the build: packages are laid out here and copied in.
#   build.sh PYTHON UV TAG
set -eu
python=$1 uv=$2 tag=$3
here=$(cd "$(dirname "$0")/.." && pwd)
base=${BASE_TAG:-jurygrid-base:latest}
if [ "$(docker image inspect --format '{{ index .Config.Labels "jurygrid.code" }}' "$tag" 2>/dev/null)" = "$("$python" -m grader.sandbox.code)" ]; then
  echo "$tag is up to date"
  exit 0
fi
"$here/images/base.sh" "$base"
version=$(docker run --rm --network none "$base" python3 -c 'import sys; print("%d.%d" % sys.version_info[:2])')
context=$(mktemp -d)
trap 'rm -rf "$context"' EXIT
"$uv" pip install --quiet --python "$python" --python-version "$version" --target "$context/site" --no-deps --only-binary :all: \
  --require-hashes -r "$here/requirements.lock"
for package in grader checks rubrics; do cp -r "$here/$package" "$context/site/$package"; done
find "$context/site" -name __pycache__ -prune -exec rm -rf {} +
echo /opt/jurygrid >"$context/site/jurygrid.pth"
cp "$here/images/examiner.Dockerfile" "$context/Dockerfile"
code=$("$python" -m grader.sandbox.code)
DOCKER_BUILDKIT=0 docker build --quiet --network none --label "jurygrid.code=$code" --build-arg BASE_IMAGE="$base" --tag "$tag" "$context" >/dev/null 2>&1
echo "$tag"
