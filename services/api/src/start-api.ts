/** Opens what the API stands on, listens, and takes it all down again in the reverse order. */
import { createDb } from '@portolan/db/client.ts'
import { openQueues } from '@portolan/queue/queues.ts'
import { tracingTo } from '@portolan/trace/tracing-to.ts'
import type { Logger } from 'pino'
import { createApp } from './app.ts'
import { ensureBootstrap } from './bootstrap.ts'
import { createParts } from './create-parts.ts'
import { createApiServer, listen, PATIENCE, type Patience, stopListening } from './http/listen.ts'
import { ownAddresses } from './own-addresses.ts'
import type { Parts } from './parts.ts'
import { resolveName } from './resolve-name.ts'
import { startScheduler } from './schedules/scheduler.ts'
import { version } from './version.ts'

export interface ApiOptions {
  readonly databaseUrl: string
  /** Redis or PostgreSQL. */
  readonly queueUrl: string
  readonly host: string
  /** 0 picks a free one. */
  readonly port: number
  readonly log: Logger
  readonly now?: () => Date
  readonly resolve?: Parts['resolve']
  readonly bodyBytes?: number
  readonly importBytes?: number
  readonly trustProxy?: number
  /** Probes one scan may ask for. */
  readonly maxProbes?: number
  /** Requests a minute for keys without a limit of their own. */
  readonly rateLimit?: number
  readonly streams?: number
  /** With slow clients. */
  readonly patience?: Patience
  /** To PostgreSQL. */
  readonly connections?: number
  /** The first admin key of a new installation; unset: one is made. */
  readonly bootstrapKey?: string | undefined
  /** Addresses beside loopback that a new installation may scan; unset: those of this machine. */
  readonly addresses?: readonly string[]
  /** Folder of the built dashboard; unset: where its build puts it. */
  readonly dashboard?: string
  /** Collector of OpenTelemetry traces; unset: there is none. */
  readonly traces?: string | undefined
}

export interface RunningApi {
  readonly url: string
  /** The first admin key, when this start made it: nobody can read it again. */
  readonly firstKey: string | null
  /** Takes no more requests, lets those in progress end, cuts event streams, and lets go of everything. */
  stop(): Promise<void>
}

/** The database must be migrated. Throws when it cannot be reached, or when the port is taken. */
export async function startApi(options: ApiOptions): Promise<RunningApi> {
  const { log, bootstrapKey, addresses } = options
  const opened: (() => Promise<void>)[] = []
  const close = async () => {
    for (const end of opened.splice(0).reverse()) await end()
  }
  try {
    const parts = await open(options, opened)
    const { token } = await ensureBootstrap(parts.db, { token: bootstrapKey, ...(addresses && { addresses }) })
    const server = createApiServer(createApp(parts), parts.limits.patience)
    const url = await listen(server, options)
    const scheduler = startScheduler(parts)
    log.info({ url, queue: parts.queues.backend }, 'API ready')
    return {
      url,
      firstKey: token,
      async stop() {
        parts.streams.cut()
        await stopListening(server)
        await scheduler.stop()
        await close()
        log.info('API stopped')
      },
    }
  } catch (error) {
    await close()
    throw error
  }
}

async function open(options: ApiOptions, opened: (() => Promise<void>)[]): Promise<Parts> {
  const { log, now = () => new Date(), resolve = resolveName, rateLimit = 6_000, streams = 200 } = options
  const { databaseUrl, queueUrl, connections = 10, trustProxy = 0, maxProbes = 1e11 } = options
  const { bodyBytes = 1_048_576, importBytes = 1_073_741_824, patience = PATIENCE } = options
  const onError = (err: Error) => log.warn({ err }, 'connection trouble')
  const db = createDb(databaseUrl, { connections, onError })
  opened.push(db.close)
  const queues = openQueues(queueUrl, { onError })
  opened.push(queues.close)
  await queues.migrate()
  const tracing = await tracingTo(options.traces, { service: 'portolan-api', version: version() })
  if (tracing) opened.push(tracing.close)
  const parts = await createParts({
    db,
    queues,
    log,
    now,
    resolve,
    rateLimit,
    streams,
    dashboard: options.dashboard,
    tracing,
    limits: { bodyBytes, importBytes, trustProxy, maxProbes, patience },
    ownAddresses: await ownAddresses([databaseUrl, queueUrl], resolve),
  })
  opened.push(parts.jobs.close)
  return parts
}
