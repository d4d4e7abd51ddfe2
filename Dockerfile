# docker build --target api -t portolan-api .        docker build --target worker -t portolan-worker .
ARG NODE_IMAGE=node:24-slim

# The manifests alone: as long as they stay, the layers with the dependencies do.
FROM ${NODE_IMAGE} AS manifests
WORKDIR /app
COPY .npmrc package.json package-lock.json ./
COPY packages/core/package.json packages/core/
COPY packages/queue/package.json packages/queue/
COPY packages/embedded/package.json packages/embedded/
COPY packages/client/package.json packages/client/
COPY packages/trace/package.json packages/trace/
COPY packages/cli/package.json packages/cli/
COPY prisma/package.json prisma/
COPY services/api/package.json services/api/
COPY services/worker/package.json services/worker/
COPY services/dashboard/package.json services/dashboard/

# The Prisma command line makes the client and stays behind.
FROM manifests AS generated
RUN npm ci --ignore-scripts -w packages/core -w prisma
COPY prisma prisma
RUN node prisma/tools/generate.ts

# --omit=optional keeps the Prisma command line out, which is an optional peer of its client; it also leaves out the
# native half of koffi, which the next stage takes from the one before.
FROM manifests AS modules
RUN npm ci --ignore-scripts --omit=dev --omit=optional -w packages/core -w packages/queue -w packages/trace -w prisma -w services/api -w services/worker

# The web page: files, for whichever API serves them.
FROM manifests AS dashboard
RUN npm ci --ignore-scripts -w packages/core -w packages/client -w services/dashboard
COPY tsconfig.json ./
COPY packages/core packages/core
COPY packages/client packages/client
COPY services/dashboard services/dashboard
RUN npm run -s build -w services/dashboard

FROM ${NODE_IMAGE} AS app
WORKDIR /app
ENV NODE_ENV=production
COPY --from=modules /app /app
COPY --from=generated /app/node_modules/@koromix node_modules/@koromix
COPY packages/core packages/core
COPY packages/queue packages/queue
COPY packages/trace packages/trace
COPY prisma prisma
COPY --from=generated /app/prisma/generated prisma/generated
COPY services/api services/api
COPY services/worker services/worker
COPY --from=dashboard /app/services/dashboard/dist services/dashboard/dist

# Also for `node prisma/migrate.ts`.
FROM app AS api
USER 1000:1000
ENV HOST=0.0.0.0
EXPOSE 7070
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 7070) + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "--max-semi-space-size=8", "services/api/src/main.ts"]

# Raw packets without root: this image's node may ask for NET_RAW and nothing else. A container that runs it has to grant
# that capability (Docker does, unless it was dropped); where it must not, run the worker from the image of the API.
FROM app AS worker
RUN apt-get update && apt-get install -y --no-install-recommends libcap2-bin && rm -rf /var/lib/apt/lists/* \
  && setcap cap_net_raw=ep "$(readlink -f "$(command -v node)")"
USER 1000:1000
HEALTHCHECK --interval=20s --timeout=10s --start-period=20s CMD ["node", "services/worker/src/health.ts"]
CMD ["node", "--max-semi-space-size=8", "services/worker/src/main.ts"]
