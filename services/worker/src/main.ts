/** The worker process: environment in, jobs done, graceful stop. */
import { readFileSync } from 'node:fs'
import { pino } from 'pino'
import { notifyOptions, readEnv } from './env.ts'
import { startWorker } from './start-worker.ts'

/** Milliseconds a stop may take before the process ends anyway; what it held is continued from its checkpoints. */
const STOP_TIME = 4_500

const env = readEnv()
const log = pino({ level: env.LOG_LEVEL, name: 'worker' })
const { version }: { version: string } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
const worker = await startWorker({
  databaseUrl: env.DATABASE_URL,
  queueUrl: env.QUEUE_URL ?? env.DATABASE_URL,
  vantage: env.PORTOLAN_VANTAGE,
  name: env.PORTOLAN_WORKER_NAME,
  version,
  slots: env.PORTOLAN_CONCURRENCY,
  connections: env.PORTOLAN_CONNECTIONS,
  hostConnections: env.PORTOLAN_HOST_CONNECTIONS,
  knowledge: { probes: env.PORTOLAN_PROBES, recog: env.PORTOLAN_RECOG },
  lease: env.PORTOLAN_LEASE_MS,
  client: { name: env.PORTOLAN_CLIENT_NAME, url: env.PORTOLAN_CLIENT_URL ?? null },
  notify: env.PORTOLAN_NOTIFY === 'off' ? null : notifyOptions(env),
  traces: env.OTEL_EXPORTER_OTLP_ENDPOINT,
  log,
}).catch((error: unknown) => {
  log.fatal(error instanceof Error ? error.message : error)
  process.exit(1)
})
// Whoever started us as a child waits for this.
process.send?.('ready')

let stopping = false
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
  process.on(signal, () => {
    if (stopping) return
    stopping = true
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error('not stopped in time')
      process.exit(1)
    }, STOP_TIME).unref()
    worker.stop().then(
      () => process.exit(0),
      (err: unknown) => {
        log.error({ err }, 'stop failed')
        process.exit(1)
      },
    )
  })
}
