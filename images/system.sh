#!/bin/sh
# Installs the Debian packages that tests use for real, when it is root and they are absent; else says what is missing.
set -eu
missing=""
need() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ] || missing="$missing $2"; }
need git git
need bwrap bubblewrap
need dockerd docker.io
need ip iproute2
need iptables iptables
need docker-compose docker-compose
need debootstrap debootstrap
need chromium chromium
need node nodejs
need redis-server redis-server
need prometheus prometheus
need mariadbd mariadb-server-core
need my_print_defaults mariadb-client-core
need openssl openssl
need tcc tcc
need prlimit util-linux
need ps procps
ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || missing="$missing postgresql"
[ -n "$missing" ] || exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
  echo "installing$missing"
  log=$(mktemp)
  # PostgreSQL and Redis are wanted as programs: no cluster is made, and whatever starts services at installation is told not to.
  policy=/usr/sbin/policy-rc.d
  if [ -e $policy ]; then policy=""; else printf '#!/bin/sh\nexit 101\n' >$policy && chmod 755 $policy; fi
  trap '[ -z "$policy" ] || rm -f "$policy"; rm -f "$log"' EXIT
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
  fi
  install() {
    apt-get update
    # Later Debians have Docker's command in a package of its own.
    if ! command -v docker && apt-cache show docker-cli; then missing="$missing docker-cli"; fi
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $missing
  }
  install >"$log" 2>&1 || { tail -n 30 "$log" >&2; exit 1; }
else
  echo "left out, because these packages are absent and this is not root on Debian or Ubuntu:$missing" >&2
fi
