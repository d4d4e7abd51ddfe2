#!/usr/bin/env bash
# Builds the images, starts docker-compose.yml with two workers, scans a container, reads the results and takes it all
# down; once with Redis as the queue and once with PostgreSQL. What it starts it stops, what it makes it removes.
#
#     npm run smoke:compose
#
# Needs Docker and Compose (v2, or docker-compose 1.29). As root it starts an engine of its own when none answers.
# Where no images can be pulled it makes stand-ins (scripts/stand-in-images.sh).
set -euo pipefail
cd "$(dirname "$0")/.."

work=$(mktemp -d)
engine=
started=
step() { echo "[$((SECONDS))s] $*"; }
compose() {
  if docker compose version > /dev/null 2>&1; then docker compose "$@"; else docker-compose "$@"; fi
}
clean_up() {
  code=$?
  [ $code = 0 ] || [ -z "$started" ] || compose logs --no-color --tail 60 | grep -v 'request completed' || true
  [ -z "$started" ] || compose down --volumes --remove-orphans > "$work/log" 2>&1 || cat "$work/log"
  if [ -n "$engine" ]; then
    kill "$engine" && wait "$engine" || true
    # The one mount a stopping engine leaves behind.
    umount "$work/run/netns/default" 2> /dev/null || true
  fi
  rm -rf "$work"
  exit $code
}
trap clean_up EXIT

if ! docker info > /dev/null 2>&1; then
  [ "$(id -u)" = 0 ] && command -v dockerd > /dev/null || {
    echo 'No Docker engine answers, and none can be started here (Debian: apt-get install docker.io docker-compose).' >&2
    exit 1
  }
  step 'starting a Docker engine'
  export DOCKER_HOST="unix://$work/docker.sock"
  # No default bridge and no firewall rules: it leaves the machine as it was.
  dockerd --host "$DOCKER_HOST" --data-root "$work/data" --exec-root "$work/run" --pidfile "$work/pid" \
    --bridge none --iptables=false --ip6tables=false > "$work/dockerd.log" 2>&1 &
  engine=$!
  for _ in $(seq 100); do docker info > /dev/null 2>&1 && break; sleep 0.2; done
  docker info > /dev/null || { tail -20 "$work/dockerd.log" >&2; exit 1; }
fi

for image in node:24-slim postgres:17-alpine redis:7.4-alpine; do
  docker image inspect "$image" > /dev/null 2>&1 || docker pull -q "$image" > /dev/null 2>&1 || {
    step 'no images to be had: making stand-ins'
    scripts/stand-in-images.sh
    break
  }
done

export COMPOSE_PROJECT_NAME="portolan-smoke-$$" COMPOSE_FILE=docker-compose.yml:scripts/compose-smoke.yml
export DOCKER_BUILDKIT=${DOCKER_BUILDKIT:-0} COMPOSE_DOCKER_CLI_BUILD=${COMPOSE_DOCKER_CLI_BUILD:-0}
export PORTOLAN_LISTEN=127.0.0.1:17070 LOG_LEVEL=debug PORTOLAN_CONCURRENCY=1
PORTOLAN_BOOTSTRAP_KEY=$(node -p 'const r = (n) => crypto.randomBytes(n); `ptl_${r(8).toString("hex")}_${r(32).toString("base64url")}`')
export PORTOLAN_BOOTSTRAP_KEY

step 'building the images'
compose build > "$work/build.log" 2>&1 || { tail -40 "$work/build.log" >&2; exit 1; }

for queue in redis://redis:6379 postgres://portolan:portolan@postgres:5432/portolan; do
  step "starting everything, queue ${queue%%:*}, two workers"
  started=yes
  QUEUE_URL=$queue compose up -d --scale worker=2 --scale target=2 > "$work/log" 2>&1 || { cat "$work/log"; exit 1; }
  # One shard at a time per address, so it takes two of them to keep two workers busy.
  mapfile -t targets < <(compose ps -q target | xargs docker inspect -f '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')
  node scripts/compose-smoke.ts "http://$PORTOLAN_LISTEN" "${targets[@]}"

  workers=$(compose logs --no-color worker | grep 'shard let go' | grep '"state":"done"' | cut -d'|' -f1 | sort -u | wc -l)
  [ "$workers" = 2 ] || { echo "$workers of 2 workers took part" >&2; exit 1; }
  step 'both workers took part; waiting for the health checks'
  for service in postgres redis api worker; do
    for id in $(compose ps -q $service); do
      for _ in $(seq 60); do [ "$(docker inspect -f '{{.State.Health.Status}}' "$id")" = healthy ] && break; sleep 1; done
      [ "$(docker inspect -f '{{.State.Health.Status}}' "$id")" = healthy ] || { echo "$service is not healthy" >&2; exit 1; }
    done
  done
  step 'stopping'
  compose stop -t 20 api worker > "$work/log" 2>&1
  for id in $(compose ps -q api) $(compose ps -q worker); do
    [ "$(docker inspect -f '{{.State.ExitCode}}' "$id")" = 0 ] || { echo 'a service did not stop cleanly' >&2; exit 1; }
  done
  compose down --volumes > "$work/log" 2>&1
  started=
done
step 'done'
