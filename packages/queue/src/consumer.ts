import { DelayedError } from 'bullmq'
import type { Backend } from './backend.ts'

/** One delivery of a job. `data` is whatever somebody put into the queue: parse it. */
export type Delivery = { readonly id: string; readonly name: string; readonly data: unknown }

/** Rejecting means "again later" (three times, with back-off); throwing Postpone means "again in `ms`", any number of times. */
export type Handler = (delivery: Delivery) => Promise<void>

/** The job is fine but cannot run here and now. */
export class Postpone extends Error {
  override readonly name = 'Postpone'
  readonly ms: number
  constructor(ms: number) {
    super(`postponed for ${ms} ms`)
    this.ms = ms
  }
}

export interface ConsumerOptions {
  /** Jobs of this queue at once in this process. */
  readonly concurrency?: number
  /**
   * Milliseconds after which a job of a worker that died is delivered again. Who may write results is decided by the
   * lease in the tables, so this is about speed only.
   */
  readonly lockDuration?: number
}

export interface Consumer {
  /** Takes no more jobs, and waits for the running ones. */
  close(): Promise<void>
}

type What = { readonly name: string; readonly handler: Handler; readonly onError: (error: Error) => void }

/** Milliseconds until a worker that was refused is replaced by a new one. */
const PAUSE = 500

/**
 * A worker of BullMQ asks once whether its store is ready. One that is opened while PostgreSQL refuses it (starting,
 * stopping, not yet migrated) remembers the refusal for ever and asks again without a pause, which starves everything
 * else in this process. Then only another one helps.
 */
export function consume(backend: Backend, what: What, options: ConsumerOptions = {}): Consumer {
  let isOver = false
  let current = open()
  function open() {
    const worker = openWorker(backend, what, options)
    worker.waitUntilReady().catch((error: unknown) => {
      if (isOver) return
      what.onError(error instanceof Error ? error : new Error(String(error)))
      worker.close(true).catch(what.onError)
      setTimeout(() => {
        if (!isOver) current = open()
      }, PAUSE)
    })
    return worker
  }
  return {
    close() {
      isOver = true
      return current.close()
    },
  }
}

function openWorker(
  backend: Backend,
  { name, handler, onError }: What,
  { concurrency = 1, lockDuration = 30_000 }: ConsumerOptions,
) {
  const worker = new backend.classes.Worker<unknown, void>(
    name,
    async (job, token) => {
      try {
        await handler({ id: job.id ?? '', name: job.name, data: job.data })
      } catch (error) {
        if (!(error instanceof Postpone)) throw error
        await job.moveToDelayed(Date.now() + error.ms, token)
        throw new DelayedError()
      }
    },
    {
      connection: backend.connection,
      concurrency,
      lockDuration,
      stalledInterval: lockDuration / 2,
      // A worker that dies again and again is noticed in the tables, where the shard counts its attempts.
      maxStalledCount: 1_000,
      // Jobs announce themselves; this is for announcements that a network swallowed. Seconds.
      drainDelay: 5,
      runRetryDelay: 500,
    },
  )
  worker.on('error', onError)
  worker.on('failed', (_job, error) => onError(error))
  return worker
}
