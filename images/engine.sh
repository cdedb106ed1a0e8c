#!/bin/sh
# A private Docker engine, for tests, where none answers: own socket, own data folder, own process, no bridge: our containers have no network.
#   engine.sh start FOLDER   prints the address to use in DOCKER_HOST (the usual one when an engine already answers)
#   engine.sh stop FOLDER    ends the engine that start made, and nothing else
set -eu
verb=$1 folder=$2
pidfile=$folder/engine.pid

answers() { docker --host "$1" version >/dev/null 2>&1; }

case $verb in
start)
  for host in "${DOCKER_HOST:-}" unix:///var/run/docker.sock "unix://$folder/engine.sock"; do
    if [ -n "$host" ] && answers "$host"; then echo "$host"; exit 0; fi
  done
  [ "$(id -u)" = 0 ] || { echo "no Docker engine answers, and only root may start one" >&2; exit 1; }
  mkdir -p "$folder"
  rm -f "$pidfile" "$folder/engine.sock"
  setsid dockerd --host "unix://$folder/engine.sock" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$pidfile" \
    --bridge none --iptables=false --ip6tables=false --storage-driver "${STORAGE_DRIVER:-overlay2}" \
    >"$folder/engine.log" 2>&1 </dev/null &
  for _ in $(seq 1 120); do
    if answers "unix://$folder/engine.sock"; then echo "unix://$folder/engine.sock"; exit 0; fi
    sleep 0.5
  done
  tail -n 20 "$folder/engine.log" >&2
  exit 1
  ;;
stop)
  [ -f "$pidfile" ] || exit 0
  pid=$(cat "$pidfile")
  kill "$pid" 2>/dev/null || true
  for _ in $(seq 1 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
  ;;
*) echo "usage: engine.sh start|stop FOLDER" >&2; exit 2 ;;
esac
