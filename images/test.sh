#!/bin/sh
# Runs the tests with a Docker engine and our image where that is possible; says what is left out where it is not.
#   test.sh BIN ENGINE-FOLDER WORKERS
set -eu
bin=$1 engine=$2 workers=$3
left_out=""
if host=$(images/engine.sh start "$engine"); then
  export DOCKER_HOST="$host" JURYGRID_DOCKER_HOST="$host" JURYGRID_IMAGE=jurygrid-examiner:test
  trap 'images/engine.sh stop "$engine"' EXIT
  images/build.sh "$bin/python" "$bin/uv" "$JURYGRID_IMAGE"
else
  echo "left out: the tests marked 'engine', because no Docker engine can be had here" >&2
  left_out="not engine"
fi
"$bin/python" -m pytest -n "$workers" -m "$left_out" ${PYTEST_ARGS:-}
