/**
 * The raw TCP engine: half-open scanning from a thread of its own, so that the caller's event loop stays free. Linux,
 * CAP_NET_RAW; without either, `scan` throws LocalTrouble (`NO_LIBC`, `NO_CAP_NET_RAW`) before anything is sent.
 */
import assert from 'node:assert'
import { type Batch, type Engine, LocalTrouble, type ScanTask } from './engine.ts'
import { checkLinkLocal } from './link-local.ts'
import { readRecords } from './syn/records.ts'
import { ABORTED, CELLS, GRANTED, type ThreadData, type ThreadMessage, UNREAD } from './syn/shared.ts'
import { type Listener, scanInThread } from './syn/threads.ts'

export interface SynEngineOptions {
  /**
   * Scan in the caller's own thread: a tenth of a second less to start, but its event loop gets a turn every few
   * milliseconds only. For a process that does nothing else.
   */
  readonly inline?: boolean
  /** How long the way out may be gone before the scan fails with LocalTrouble, ms; unset: 10,000. */
  readonly patience?: number
}

export function createSynEngine(options: SynEngineOptions = {}): Engine {
  return { name: 'syn', scan: (task, signal) => scan(task, signal, options) }
}

async function* scan(task: ScanTask, signal: AbortSignal, options: SynEngineOptions): AsyncGenerator<Batch> {
  assert(task.space.transport === 'tcp', 'the syn engine asks TCP ports only')
  assert(task.from >= 0 && task.from <= task.to && task.to <= task.space.size)
  checkLinkLocal(task.space.plan.addresses, task)
  const cells = new Int32Array(new SharedArrayBuffer(CELLS * 4))
  const stop = () => Atomics.store(cells, ABORTED, 1)
  signal.addEventListener('abort', stop)
  if (signal.aborted) stop()
  const gone = new AbortController()
  const either = AbortSignal.any([signal, gone.signal])
  const messages = new Messages((count) => feed(task, cells, { count, signal: either }))
  start(threadData(task, cells, options), messages).catch((error: unknown) => messages.fail(error))
  try {
    for (let message = await messages.next(); message !== null; message = await messages.next()) {
      if (message.kind === 'trouble') throw new LocalTrouble(message.code, message.message)
      if (message.kind !== 'batch') continue
      Atomics.sub(cells, UNREAD, 1)
      const { resolvedUpTo, counts, stats, records } = message
      yield { resolvedUpTo, counts, results: readRecords(records), stats }
    }
  } finally {
    signal.removeEventListener('abort', stop)
    // The scan closes its sockets itself; it looks at the flag many times a second.
    stop()
    gone.abort()
    await messages.ended
  }
}

/** Starts the scan; what it says goes to the messages, down to its end. */
async function start(data: ThreadData, messages: Messages): Promise<void> {
  if (data.inline) {
    const { runScan } = await import('./syn/run.ts')
    await runScan(data, (message) => messages.put(message))
    return
  }
  scanInThread(data, messages)
}

function threadData(task: ScanTask, cells: Int32Array, { inline = false, patience }: SynEngineOptions): ThreadData {
  const { space, from, to, record, rate, perHostRate, hostShare, retries, timeout, gate } = task
  const { sourceAddress, interface: device } = task
  return {
    cells,
    plan: space.plan,
    ...(inline ? { space } : {}),
    task: {
      from,
      to,
      record,
      ...(rate === undefined ? {} : { rate }),
      ...(perHostRate === undefined ? {} : { perHostRate }),
      ...(hostShare === undefined ? {} : { hostShare }),
      ...(retries === undefined ? {} : { retries }),
      ...(timeout === undefined ? {} : { timeout }),
    },
    gated: gate !== undefined,
    inline,
    patience,
    ...(sourceAddress === undefined ? {} : { sourceAddress }),
    ...(device === undefined ? {} : { interface: device }),
  }
}

/** Fetches permission from the task's gate; the scan sees it in its cell. */
async function feed(
  { gate }: ScanTask,
  cells: Int32Array,
  { count, signal }: { readonly count: number; readonly signal: AbortSignal },
): Promise<void> {
  try {
    const granted = await gate?.take(count, signal)
    Atomics.add(cells, GRANTED, granted ?? 0)
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

/** The scan's messages in order, and its end. */
class Messages implements Listener {
  /** Everything the scan held is given back. */
  readonly ended: Promise<void>
  readonly #want: (count: number) => Promise<void>
  #messages: ThreadMessage[] = []
  #over = false
  #error: unknown = null
  #wake: () => void = () => {}
  #end: () => void = () => {}

  constructor(want: (count: number) => Promise<void>) {
    this.#want = want
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
  }

  put(message: ThreadMessage): void {
    if (message.kind === 'want') this.#want(message.count).catch((error: unknown) => this.#stop(error))
    else if (message.kind === 'end') this.#finish()
    else this.#messages.push(message)
    this.#wake()
  }

  /** The scan itself broke down: it will say nothing more. */
  fail(error: unknown): void {
    this.#stop(error)
    this.#finish()
  }

  #stop(error: unknown): void {
    this.#error ??= error
    this.#wake()
  }

  #finish(): void {
    this.#over = true
    this.#end()
    this.#wake()
  }

  /** The next message, null after the last. */
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
