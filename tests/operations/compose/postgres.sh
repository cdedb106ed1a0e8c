#!/bin/sh
# What the usual image of PostgreSQL does at its start, with Debian's.
set -eu
data=/var/lib/postgresql/data
programs=$(ls -d /usr/lib/postgresql/*/bin | tail -n 1)
chown postgres:postgres "$data"
as() { setpriv --reuid=postgres --regid=postgres --clear-groups "$@"; }
install -o postgres -m 600 "$POSTGRES_PASSWORD_FILE" /tmp/password
if [ ! -s "$data/PG_VERSION" ]; then
  as "$programs/initdb" -D "$data" -U "$POSTGRES_USER" -A scram-sha-256 --pwfile=/tmp/password -E UTF8 --no-sync
  echo "host all all all scram-sha-256" >>"$data/pg_hba.conf"
  as "$programs/pg_ctl" -D "$data" -o "-c listen_addresses='' -c unix_socket_directories=/tmp" -w start
  PGPASSWORD=$(cat "$POSTGRES_PASSWORD_FILE") as "$programs/createdb" -h /tmp -U "$POSTGRES_USER" "$POSTGRES_DB"
  as "$programs/pg_ctl" -D "$data" -w stop
fi
exec setpriv --reuid=postgres --regid=postgres --clear-groups "$programs/postgres" -D "$data" -c listen_addresses='*' -c unix_socket_directories=/tmp
