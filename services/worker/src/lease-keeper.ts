import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { Stop } from './stop.ts'

/** A claimed shard. */
export type Held = { readonly shardId: string; readonly epoch: number }

/** From the thread: the shards it could not renew. */
export type Lost = { readonly lost: readonly Held[] }
/** To the thread: everything held now. */
export type Hold = { readonly held: readonly Held[] }

export interface LeaseKeeper {
  /** Renews the lease of the shard until released; stops the shard when the lease is lost. Returns the release. */
  hold(held: Held, stop: Stop): () => void
  close(): Promise<void>
}

export type LeaseOptions = {
  readonly databaseUrl: string
  /** Milliseconds. */
  readonly lease: number
  /** After so many milliseconds without a turn of our event loop the thread lets the leases lapse. */
  readonly patience?: number
  readonly onError: (error: Error) => void
}

/**
 * Renews leases from a thread of its own with a connection of its own, so that a busy event loop does not lose its
 * shards. A *stuck* one does: the thread watches a counter that only our event loop moves.
 */
export function createLeaseKeeper({ databaseUrl, lease, patience = 60_000, onError }: LeaseOptions): LeaseKeeper {
  const held = new Map<string, { readonly epoch: number; readonly stop: Stop }>()
  const turns = new Int32Array(new SharedArrayBuffer(4))
  const thread = new Worker(new URL('./lease-thread.ts', import.meta.url), {
    workerData: { databaseUrl, lease, patience, turns },
  })
  thread.on('error', (error) => {
    onError(error)
    // Nobody renews any more: what runs here must not go on for longer than a lease, and nothing new may start.
    for (const { stop } of held.values()) stop.stop('lost')
  })
  thread.on('message', ({ lost }: Lost) => {
    for (const { shardId, epoch } of lost) {
      const mine = held.get(shardId)
      if (mine?.epoch === epoch) mine.stop.stop('lost')
    }
  })
  const timer = setInterval(() => Atomics.add(turns, 0, 1), 500)
  const tell = () => {
    const message: Hold = { held: Array.from(held, ([shardId, { epoch }]) => ({ shardId, epoch })) }
    thread.postMessage(message)
  }
  return {
    hold({ shardId, epoch }, stop) {
      held.set(shardId, { epoch, stop })
      tell()
      return () => {
        if (held.get(shardId)?.stop !== stop) return
        held.delete(shardId)
        tell()
      }
    },
    async close() {
      clearInterval(timer)
      const ended = once(thread, 'exit')
      thread.postMessage(null)
      await ended
    },
  }
}
