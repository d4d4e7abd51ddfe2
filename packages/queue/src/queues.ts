/**
 * The queue: BullMQ on Redis or on PostgreSQL, chosen by the scheme of the URL. Nothing else in the project knows which.
 * A queue only delivers; what is lost in it is enqueued again from the tables.
 */
import { type BareQueue, openBackend } from './backend.ts'
import { type Consumer, type ConsumerOptions, consume, type Handler } from './consumer.ts'
import { type OpenQueue, openQueue } from './job-queue.ts'

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
  /** Milliseconds until it is delivered. */
  readonly delay?: number
}

export interface JobQueue {
  /** Throws QueueUnavailable when the store does not answer in time; whether the jobs arrived is unknown then. */
  add(...jobs: readonly QueueJob[]): Promise<void>
  counts(): Promise<QueueCounts>
  /** When the job that is next was added; null: none waits. */
  waitingSince(): Promise<Date | null>
  /** Takes out jobs that are put off by more than `ms`; returns how many there were among the last to come due. */
  dropPutOff(ms: number): Promise<number>
  /** Undoes whatever holds up the queue as a whole (a pause, a limit), and says what that was. */
  release(): Promise<readonly string[]>
  /** Takes a waiting job out; one that is running or unknown stays as it is. */
  remove(id: string): Promise<void>
}

export interface Queues extends AsyncDisposable {
  readonly backend: 'redis' | 'postgres'
  /** Brings the tables of the PostgreSQL backend up to date; safe to call from several processes at once. */
  migrate(): Promise<void>
  queue(name: string): JobQueue
  /** As BullMQ has it, for tools that are made for BullMQ; closed with the others. */
  bare(name: string): BareQueue
  /** Starts taking jobs at once. */
  worker(name: string, handler: Handler, options?: ConsumerOptions): Consumer
  /** Waits for running jobs of this process. */
  close(): Promise<void>
}

/** Throws when the scheme of `url` is neither `redis`, `rediss`, `postgres` nor `postgresql`. */
export function openQueues(url: string, { onError = () => {}, timeout = 3_000 }: QueuesOptions = {}): Queues {
  const backend = openBackend(url, onError)
  const queues = new Map<string, OpenQueue>()
  const bare = new Map<string, BareQueue>()
  const consumers: Consumer[] = []
  const closeAll = async () => {
    await Promise.all(consumers.map((c) => c.close()))
    await Promise.all([...queues.values(), ...bare.values()].map((q) => q.close()))
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
    bare(name) {
      const queue = bare.get(name) ?? new backend.classes.Queue(name, { connection: backend.connection })
      if (!bare.has(name)) queue.on('error', onError)
      bare.set(name, queue)
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
