/**
 * Threads that scan. One that has ended a scan stays for the next: a new one takes a tenth of a second to read its modules,
 * and sends its first hundred thousand probes by code that nobody has compiled yet.
 */
import { readlinkSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import type { ThreadData, ThreadMessage } from './shared.ts'

/** Milliseconds a thread without a scan is kept: longer than a worker waits for its next shard. */
const LINGER = 30_000
/** Threads without a scan at a time. */
const MOST_IDLE = 2

/** Who started a scan. */
export interface Listener {
  put(message: ThreadMessage): void
  /** The scan itself broke down: it will say nothing more. */
  fail(error: unknown): void
}

type Thread = {
  readonly worker: Worker
  /** Network namespace it was started in, and stays in wherever its caller goes. */
  readonly namespace: string | null
  listener: Listener | null
  leaves: NodeJS.Timeout | null
}

/** Without a scan. The process may end all the same: neither they nor their timers hold it. */
const idle = new Set<Thread>()

/** Everything the scan says goes to the listener, down to its end. */
export function scanInThread(data: ThreadData, listener: Listener): void {
  const namespace = ownNamespace()
  const thread = [...idle].find((one) => one.namespace === namespace) ?? startThread(namespace)
  idle.delete(thread)
  if (thread.leaves !== null) clearTimeout(thread.leaves)
  thread.listener = listener
  thread.worker.ref()
  thread.worker.postMessage(data)
}

/** Null: this system does not say. */
function ownNamespace(): string | null {
  try {
    return readlinkSync('/proc/thread-self/ns/net')
  } catch {
    return null
  }
}

function startThread(namespace: string | null): Thread {
  const worker = new Worker(new URL(import.meta.resolve('@portolan/core/engine/syn/thread.js')))
  const thread: Thread = { worker, namespace, listener: null, leaves: null }
  worker.on('message', (message: ThreadMessage) => {
    const { listener } = thread
    if (message.kind === 'end') rest(thread)
    listener?.put(message)
  })
  worker.on('error', (error) => thread.listener?.fail(error))
  worker.on('exit', () => {
    idle.delete(thread)
    thread.listener?.put({ kind: 'end' })
  })
  return thread
}

function rest(thread: Thread): void {
  const { worker } = thread
  thread.listener = null
  worker.unref()
  if (idle.size >= MOST_IDLE) return void worker.terminate()
  idle.add(thread)
  const leave = () => {
    idle.delete(thread)
    worker.terminate()
  }
  thread.leaves = setTimeout(leave, LINGER).unref()
}
