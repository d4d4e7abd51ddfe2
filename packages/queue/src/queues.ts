/**
 * The queue: BullMQ on Redis or on PostgreSQL, chosen by the scheme of the URL. Nothing else in the project knows which.
 * A queue only delivers; what is lost in it is enqueued again from the tables.
 */
import { createPostgresBackend, createRedisBackend, type IQueueBackend, runMigrations, withBackend } from 'bullmq'
import pg from 'pg'
import { type Consumer, type ConsumerOptions, consume, type Handler } from './consumer.ts'

export interface QueuesOptions {
  /** Connection troubles; both backends reconnect by themselves. */
  readonly onError?: (error: Error) => void
  /** How long adding or asking may take, in milliseconds. Redis clients would wait for ever while Redis is down. */
  readonly timeout?: number
}

export type QueueCounts = { readonly waiting: number; readonly active: number; readonly delayed: number }

/** `id` makes adding twice the same as once, as long as the first is not finished. No colon, not a number. */
export type QueueJob = {
  readonly name: string
  readonly id: string
  readonly data: object
  /** 1 first .. 2097151 last; before all of them jobs without one. */
  readonly priority?: number
}

export interface JobQueue {
  /** Throws QueueUnavailable when the store does not answer in time; whether the jobs arrived is unknown then. */
  add(...jobs: readonly QueueJob[]): Promise<void>
  counts(): Promise<QueueCounts>
  /** Takes a waiting job out; one that is running or unknown stays as it is. */
  remove(id: string): Promise<void>
}

export interface Queues extends AsyncDisposable {
  readonly backend: 'redis' | 'postgres'
  /** Brings the tables of the PostgreSQL backend up to date; safe to call from several processes at once. */
  migrate(): Promise<void>
  queue(name: string): JobQueue
  /** Starts taking jobs at once. */
  worker(name: string, handler: Handler, options?: ConsumerOptions): Consumer
  /** Waits for running jobs of this process. */
  close(): Promise<void>
}

/** The queue's store did not answer. Not a loss: the reconciler enqueues what the tables say is unfinished. */
export class QueueUnavailable extends Error {
  override readonly name = 'QueueUnavailable'
}

/** How many connections of one process the PostgreSQL backend may hold: one listener per consumer, the rest shared. */
const POOL_SIZE = 10

export type Backend = ReturnType<typeof openBackend>

/** Throws when the scheme of `url` is neither `redis`, `rediss`, `postgres` nor `postgresql`. */
export function openQueues(url: string, { onError = () => {}, timeout = 3_000 }: QueuesOptions = {}): Queues {
  const backend = openBackend(url, onError)
  const queues = new Map<string, ReturnType<typeof openQueue>>()
  const consumers: Consumer[] = []
  const closeAll = async () => {
    await Promise.all(consumers.map((c) => c.close()))
    await Promise.all([...queues.values()].map((q) => q.close()))
    await backend.close()
  }
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= closeAll()
    return closing
  }
  return {
    backend: backend.kind,
    migrate: backend.migrate,
    queue(name) {
      const queue = queues.get(name) ?? openQueue(backend, name, { onError, timeout })
      queues.set(name, queue)
      return queue
    },
    worker(name, handler, options) {
      const consumer = consume(backend, { name, handler, onError }, options)
      consumers.push(consumer)
      return consumer
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

function openBackend(url: string, onError: (error: Error) => void) {
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
    // Not a start-up option of the connection: one in the URL would displace it, and some poolers refuse it.
    onConnect: async (client) => void (await client.query('SET search_path TO bullmq')),
  })
}

function openQueue(backend: Backend, name: string, { onError, timeout }: Required<QueuesOptions>) {
  const open = () => {
    const queue = new backend.classes.Queue<object>(name, {
      connection: backend.connection,
      defaultJobOptions: {
        attempts: 3,
        backoff: { type: 'exponential', delay: 500, jitter: 0.5 },
        // A finished job must not stand in the way of one with the same id, and the tables keep the history.
        removeOnComplete: true,
        removeOnFail: true,
      },
    })
    queue.on('error', onError)
    return queue
  }
  let current = open()
  const inTime = async <T>(work: (queue: typeof current) => Promise<T>): Promise<T> => {
    const queue = current
    const { promise: late, reject } = Promise.withResolvers<never>()
    const timer = setTimeout(() => reject(new Error(`no answer within ${timeout} ms`)), timeout)
    try {
      return await Promise.race([work(queue), late])
    } catch (cause) {
      // A queue that was opened while PostgreSQL was down remembers the failure for ever: start over with a new one.
      if (backend.kind === 'postgres' && current === queue) {
        current = open()
        queue.close().catch(onError)
      }
      throw new QueueUnavailable(`the queue ${name} does not answer`, { cause })
    } finally {
      clearTimeout(timer)
    }
  }
  return {
    add: (...jobs: readonly QueueJob[]) =>
      inTime(async (queue) => {
        await queue.addBulk(
          jobs.map(({ name, id, data, priority }) => ({
            name,
            data,
            opts: { jobId: id, ...(priority === undefined ? {} : { priority }) },
          })),
        )
      }),
    counts: () =>
      inTime(async (queue) => {
        const counts = await queue.getJobCounts('wait', 'prioritized', 'active', 'delayed')
        const of = (state: string) => counts[state] ?? 0
        return { waiting: of('wait') + of('prioritized'), active: of('active'), delayed: of('delayed') }
      }),
    remove: (id: string) =>
      inTime(async (queue) => {
        await queue.remove(id).catch((error: Error) => {
          if (!/locked/i.test(error.message)) throw error
        })
      }),
    close: () => current.close(),
  }
}
