/**
 * The raw TCP engine: half-open scanning from a thread of its own, so that the caller's event loop stays free. Linux,
 * CAP_NET_RAW; without either, `scan` throws LocalTrouble (`NO_LIBC`, `NO_CAP_NET_RAW`) before anything is sent.
 */
import assert from 'node:assert'
import { Worker } from 'node:worker_threads'
import { type Batch, type Engine, LocalTrouble, type ScanTask } from './engine.ts'
import { readRecords } from './syn/records.ts'
import { ABORTED, CELLS, GRANTED, type ThreadData, type ThreadMessage, UNREAD } from './syn/shared.ts'

export const synEngine: Engine = { name: 'syn', scan }

async function* scan(task: ScanTask, signal: AbortSignal): AsyncGenerator<Batch> {
  assert(task.space.transport === 'tcp', 'the syn engine asks TCP ports only')
  assert(task.from >= 0 && task.from <= task.to && task.to <= task.space.size)
  const cells = new Int32Array(new SharedArrayBuffer(CELLS * 4))
  const stop = () => Atomics.store(cells, ABORTED, 1)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const worker = new Worker(new URL('./syn/thread.js', import.meta.url), { workerData: threadData(task, cells) })
  const gone = new AbortController()
  const inbox = new Inbox(worker, (count) =>
    feed(task, cells, { count, signal: AbortSignal.any([signal, gone.signal]) }),
  )
  try {
    for (;;) {
      const message = await inbox.next()
      if (message === null) return
      if (message.kind === 'trouble') throw new LocalTrouble(message.code, message.message)
      if (message.kind !== 'batch') continue
      Atomics.sub(cells, UNREAD, 1)
      const { resolvedUpTo, counts, stats, records } = message
      yield { resolvedUpTo, counts, results: readRecords(records), stats }
    }
  } finally {
    signal.removeEventListener('abort', stop)
    // The thread closes its sockets itself; it looks at the flag many times a second.
    stop()
    gone.abort()
    await inbox.ended
  }
}

function threadData(task: ScanTask, cells: Int32Array): ThreadData {
  const { space, from, to, record, rate, perHostRate, retries, timeout, gate, sourceAddress, interface: device } = task
  return {
    cells,
    plan: space.plan,
    task: {
      from,
      to,
      record,
      ...(rate === undefined ? {} : { rate }),
      ...(perHostRate === undefined ? {} : { perHostRate }),
      ...(retries === undefined ? {} : { retries }),
      ...(timeout === undefined ? {} : { timeout }),
    },
    gated: gate !== undefined,
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    ...(device === undefined ? {} : { interface: device }),
  }
}

/** Fetches permission from the task's gate; the thread sees it in its cell. */
async function feed(
  { gate }: ScanTask,
  cells: Int32Array,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<void> {
  const granted = await gate?.take(count, signal)
  Atomics.add(cells, GRANTED, granted ?? 0)
}

/** The thread's messages in order, and its end. */
class Inbox {
  readonly ended: Promise<void>
  #messages: ThreadMessage[] = []
  #over = false
  #error: unknown = null
  #wake: () => void = () => {}

  constructor(worker: Worker, want: (count: number) => Promise<void>) {
    worker.on('message', (message: ThreadMessage) => {
      if (message.kind === 'want') want(message.count).catch((error: unknown) => this.#fail(error))
      else this.#messages.push(message)
      this.#wake()
    })
    this.ended = new Promise((resolve) => {
      worker.on('error', (error) => this.#fail(error))
      worker.on('exit', () => {
        this.#over = true
        this.#wake()
        resolve()
      })
    })
  }

  #fail(error: unknown): void {
    this.#error ??= error
    this.#wake()
  }

  /** The next message, null when the thread has ended. */
  async next(): Promise<ThreadMessage | null> {
    for (;;) {
      const message = this.#messages.shift()
      if (message) return message
      if (this.#error !== null) throw this.#error
      if (this.#over) return null
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }
}
