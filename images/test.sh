#!/bin/sh
# Runs the tests with a Docker engine, our images and the root for bubblewrap where that is possible; says what is left out where it is not.
#   test.sh BIN ENGINE-FOLDER WORKERS
set -eu
bin=$1 engine=$2 workers=$3
left_out=""
leave_out() {
  echo "left out: the tests marked '$1', because $2" >&2
  left_out="${left_out:+$left_out and }not $1"
}

# Long tests have a target of their own.
[ -n "${SLOW:-}" ] || left_out="not slow"
if host=$(images/engine.sh start "$engine"); then
  export DOCKER_HOST="$host" JURYGRID_DOCKER_HOST="$host" JURYGRID_IMAGE=jurygrid-examiner:test JURYGRID_RUNNER_IMAGE=jurygrid-runner:test
  trap 'images/engine.sh stop "$engine"' EXIT
  images/build.sh "$bin/python" "$bin/uv" test
else
  leave_out engine "no Docker engine can be had here"
fi
# Beside the engine's data, so that it stays between two runs; an ordinary user may not write there.
[ -w "$engine" ] || engine=${XDG_CACHE_HOME:-$HOME/.cache}/jurygrid-test
export JURYGRID_ROOT="${JURYGRID_ROOT:-$engine/root}" JURYGRID_CACHE_FOLDER="${JURYGRID_CACHE_FOLDER:-$engine/cache}"
images/root.sh "$bin/python" "$bin/uv" test || leave_out root "the root for bubblewrap cannot be made here"
"$bin/python" -m pytest -n "$workers" -m "$left_out" ${PYTEST_ARGS:-}
