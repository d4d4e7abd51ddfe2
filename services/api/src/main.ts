/** The API process: environment in, requests answered, graceful stop. */
import { setFlagsFromString } from 'node:v8'
import { pino } from 'pino'
import { readEnv } from './env.ts'
import { startApi } from './start-api.ts'

// The old heap is cleaned at half again of what is alive, not at several times it. How far the young one may grow can only
// be said on the command line: the `start` script of this package does.
setFlagsFromString('--heap-growing-percent=50')

const env = readEnv()
const log = pino({ level: env.LOG_LEVEL, name: 'api' })
const api = await startApi({
  databaseUrl: env.DATABASE_URL,
  queueUrl: env.QUEUE_URL ?? env.DATABASE_URL,
  host: env.HOST,
  port: env.PORT,
  trustProxy: env.PORTOLAN_TRUST_PROXY,
  bodyBytes: env.PORTOLAN_BODY_LIMIT,
  importBytes: env.PORTOLAN_IMPORT_LIMIT,
  rateLimit: env.PORTOLAN_RATE_LIMIT,
  maxProbes: env.PORTOLAN_MAX_PROBES,
  streams: env.PORTOLAN_STREAMS,
  connections: env.PORTOLAN_DB_CONNECTIONS,
  traces: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  bootstrapKey: env.PORTOLAN_BOOTSTRAP_KEY,
  log,
}).catch((error: unknown) => {
  log.fatal(error instanceof Error ? error.message : error)
  process.exit(1)
})
// On standard output and not in the log: logs are kept and shipped, a key is not for them.
if (api.firstKey !== null && env.PORTOLAN_BOOTSTRAP_KEY === undefined)
  process.stdout.write(`first API key, shown this once: ${api.firstKey}\n`)

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const)
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    api.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'stop failed')
        process.exit(1)
      },
    )
  })
