#!/bin/sh
# Lays out, in a new folder, what apt must know inside the image, from how this machine is set up where it is a Debian.
#   apt.sh FOLDER RELEASE    writes sources.list (empty: those of the base), options (one a line), ca.crt (empty: none)
# Proxies are not written, since they may carry a password: who builds gives them as http_proxy and https_proxy.
set -eu
folder=$1 release=$2
mkdir -p "$folder"
: >"$folder/sources.list"
: >"$folder/options"
: >"$folder/ca.crt"
command -v apt-config >/dev/null 2>&1 || exit 0
apt-get indextargets --format '$(ORIGIN) deb $(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' 2>/dev/null \
  | sed -n 's/^Debian //p' | grep -E " $release(-updates|-security)? main\$" | grep -v -e '@' -e ' file:' -e ' copy:' | sort -u >"$folder/sources.list" || true
# A mirror without the release itself is no base to install from.
grep -q " $release main\$" "$folder/sources.list" || : >"$folder/sources.list"
apt-config dump | sed -n 's/^\(Acquire::Check-[A-Za-z-]*\) "\([a-z0-9]*\)";$/\1=\2/p' >"$folder/options"
certificates=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
[ ! -r "$certificates" ] || cat "$certificates" >"$folder/ca.crt"
