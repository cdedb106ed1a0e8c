#!/bin/sh
# Makes a Debian system into the sandbox's: run inside it, as root, by the Dockerfile or in a folder by root.sh.
#   install.sh FOLDER    FOLDER holds packages.txt and apt/, the settings of apt that images/apt.sh laid out
set -eu
here=$1
export DEBIAN_FRONTEND=noninteractive
user=1000

# Nothing starts while we install, no cluster is made, nothing is flushed to disk file by file, no manual is unpacked.
printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
chmod 755 /usr/sbin/policy-rc.d
mkdir -p /etc/postgresql-common
echo 'create_main_cluster = false' >/etc/postgresql-common/createcluster.conf
printf '%s\n' force-unsafe-io 'path-exclude=/usr/share/doc/*' 'path-exclude=/usr/share/man/*' 'path-exclude=/usr/share/info/*' \
  'path-exclude=/usr/share/locale/*' 'path-exclude=/usr/share/lintian/*' >/etc/dpkg/dpkg.cfg.d/jurygrid
# Sources of another release are not for this base.
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
if grep -q " $release main\$" "$here/apt/sources.list"; then
  rm -rf /etc/apt/sources.list /etc/apt/sources.list.d
  cp "$here/apt/sources.list" /etc/apt/sources.list
fi

options="-o APT::Install-Recommends=false -o APT::Sandbox::User=root -o Dpkg::Use-Pty=false -o Acquire::Languages=none"
[ ! -s "$here/apt/ca.crt" ] || options="$options -o Acquire::https::CAInfo=$here/apt/ca.crt"
while read -r setting; do options="$options -o $setting"; done <"$here/apt/options"
# shellcheck disable=SC2046,SC2086 # words on purpose
{
  apt-get $options -q update
  apt-get $options -q -y upgrade
  apt-get $options -q -y install $(grep -v '^#' "$here/packages.txt")
}
apt-get clean

# PostgreSQL where PATH finds it, without the wrapper that looks for a cluster of the system.
for program in /usr/lib/postgresql/*/bin/*; do ln -sf "$program" /usr/bin/; done
# Node and npm where PATH finds them: images/node.sh lays them out beside this.
ln -s ../lib/node/bin/node /usr/bin/node
for name in npm npx; do ln -s ../lib/node/lib/node_modules/npm/bin/$name-cli.js /usr/bin/$name; done
# Whoever runs has a name (PostgreSQL asks), and folders where volumes and archives are laid.
useradd --uid $user --user-group --no-create-home --home-dir /tmp --shell /bin/sh jurygrid
mkdir -p /in /out /opt/environment /opt/cache /opt/runner /opt/tools
chown $user:$user /in /out /opt/environment /opt/cache
# No program gives more rights than who starts it has.
find / -xdev -type f -perm /6000 -exec chmod a-s {} +
rm -rf /var/lib/apt/lists/* /var/cache/apt/* /var/cache/debconf/*-old /var/log/* /usr/share/doc /usr/share/man /usr/share/info \
  /etc/ssl/private /root/.cache
