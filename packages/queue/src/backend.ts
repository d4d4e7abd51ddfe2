import { createPostgresBackend, createRedisBackend, type IQueueBackend, runMigrations, withBackend } from 'bullmq'
import pg from 'pg'

/** How many connections of one process the PostgreSQL backend may hold: one listener per consumer, the rest shared. */
const POOL_SIZE = 10

export type Backend = ReturnType<typeof openBackend>
export type BareQueue = InstanceType<Backend['classes']['Queue']>

/** What queues and consumers of one URL share. */
export function openBackend(url: string, onError: (error: Error) => void) {
  const scheme = /^(redis|rediss|postgres|postgresql):\/\//.exec(url)?.[1]
  if (scheme === undefined) throw new Error('the queue URL must start with redis://, rediss:// or postgres://')
  const kind = scheme.startsWith('redis') ? 'redis' : 'postgres'
  const factory = kind === 'redis' ? createRedisBackend : createPostgresBackend
  const pool = kind === 'postgres' ? openPool(url) : null
  // Every queue and consumer listens for the errors of the one pool they share.
  pool?.setMaxListeners(0).on('error', onError)
  // The pool itself listens only while nobody holds the connection.
  pool?.on('connect', (client) => client.on('error', onError))
  return {
    kind,
    connection: pool ?? { url, maxRetriesPerRequest: null, retryStrategy: (n: number) => Math.min(25 * 2 ** n, 1_000) },
    classes: withBackend<IQueueBackend, object>(
      // because the two factories differ only in the connection options they take, and those are made above, in pairs
      factory as never,
    ),
    async migrate() {
      const client = await pool?.connect()
      if (client === undefined) return
      // because BullMQ declares its own, looser shape of a pg client
      await runMigrations(client as never).finally(() => client.release())
    },
    async close() {
      await pool?.end()
    },
  } as const
}

function openPool(url: string): pg.Pool {
  return new pg.Pool({
    connectionString: url,
    max: POOL_SIZE,
    keepAlive: true,
    // Not start-up options of the connection: one in the URL would displace them, and some poolers refuse them.
    // Nothing waits for the disk: what a crash of the server takes from the queue is enqueued again from the tables.
    onConnect: async (client) => void (await client.query('SET search_path TO bullmq; SET synchronous_commit TO off')),
  })
}
