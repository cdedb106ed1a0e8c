#!/bin/sh
# A private Docker engine, for tests, where none answers: own socket, own data folder, own process, own bridge.
#   engine.sh start FOLDER   prints the address to use in DOCKER_HOST (the usual one when an engine already answers)
#   engine.sh start FOLDER alone   the same, without looking for another engine: one that may be killed
#   engine.sh stop FOLDER    ends the engine that start made with its bridge, and nothing else
set -eu
verb=$1 folder=$2 alone=${3:-}
pidfile=$folder/engine.pid
PATH=$PATH:/usr/sbin:/sbin
# Name and addresses follow from the folder, so that two private engines on a machine do not meet.
number=$(printf %s "$folder" | cksum | cut -d ' ' -f 1)
bridge=jg$number
network=10.$((200 + number % 50)).$((number / 50 % 256))

answers() { docker --host "$1" version >/dev/null 2>&1; }

# The rules of the bridge, which the engine (told to leave iptables alone) does not make: out by NAT, answers back in, nothing else.
rules() {
  iptables -w -t nat "$1" POSTROUTING -s "$network.0/24" ! -o "$bridge" -j MASQUERADE \
    && iptables -w "$1" FORWARD -i "$bridge" ! -o "$bridge" -j ACCEPT \
    && iptables -w "$1" FORWARD -o "$bridge" -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
}

outer_mtu() { cat "/sys/class/net/$(ip route show default | sed -n 's/.* dev \([^ ]*\).*/\1/p' | head -n 1)/mtu" 2>/dev/null || echo 1500; }

make_bridge() {
  drop_bridge
  ip link add "$bridge" mtu "$(outer_mtu)" type bridge && ip addr add "$network.1/24" dev "$bridge" && ip link set "$bridge" up && rules -I
}

drop_bridge() {
  ip link show "$bridge" || return 0
  rules -D || true
  ip link delete "$bridge" || true
}

case $verb in
start)
  for host in "${DOCKER_HOST:-}" unix:///var/run/docker.sock "unix://$folder/engine.sock"; do
    if [ -n "$alone" ] && [ "$host" != "unix://$folder/engine.sock" ]; then continue; fi
    if [ -n "$host" ] && answers "$host"; then echo "$host"; exit 0; fi
  done
  [ "$(id -u)" = 0 ] || { echo "no Docker engine answers, and only root may start one" >&2; exit 1; }
  mkdir -p "$folder"
  # After a kill, the engine would take the number of its dead containerd for a living one, and wait for it.
  rm -f "$pidfile" "$folder/engine.sock" "$folder/exec/containerd/containerd.pid"
  if make_bridge >"$folder/bridge.log" 2>&1; then
    set -- --bridge "$bridge" --mtu "$(outer_mtu)"
  else
    echo "no bridge can be made ($(tail -n 1 "$folder/bridge.log")): containers of this engine have no network, so nothing can be installed in them" >&2
    drop_bridge >/dev/null 2>&1
    set -- --bridge none
  fi
  # gVisor, where it is installed, can be asked for by JURYGRID_DOCKER_RUNTIME. The prober shares the loopback of what it asks: the kernel's, then.
  if runsc=$(command -v runsc); then
    printf '{"runtimes": {"runsc": {"path": "%s", "runtimeArgs": ["--network=host"]}}}\n' "$runsc" >"$folder/engine.json"
    set -- "$@" --config-file "$folder/engine.json"
  fi
  setsid dockerd --host "unix://$folder/engine.sock" --data-root "$folder/data" --exec-root "$folder/exec" --pidfile "$pidfile" \
    "$@" --iptables=false --ip6tables=false --storage-driver "${STORAGE_DRIVER:-overlay2}" \
    >"$folder/engine.log" 2>&1 </dev/null &
  for _ in $(seq 1 300); do
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
  drop_bridge >/dev/null 2>&1
  # The engine leaves the name of the host's network behind.
  umount "$folder"/exec/netns/* 2>/dev/null || true
  ;;
*) echo "usage: engine.sh start|stop FOLDER" >&2; exit 2 ;;
esac
