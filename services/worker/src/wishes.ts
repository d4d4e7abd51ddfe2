import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** Hears at once when a user wants something else of a scan. Those who must not miss it ask now and then as well. */
export interface Wishes {
  close(): Promise<void>
}

export type WishesOptions = {
  readonly databaseUrl: string
  readonly onWish: () => void
  readonly onError: (error: unknown) => void
}

/** Milliseconds until a lost connection is made anew. */
const PAUSE = 1_000

/** The channel a trigger on `scans` announces changes on. */
const LISTEN = 'LISTEN portolan_control'

export function listenForWishes({ databaseUrl, onWish, onError }: WishesOptions): Wishes {
  const over = new AbortController()
  let client: pg.Client | null = null
  const listen = async () => {
    const connection = new pg.Client({ connectionString: databaseUrl, keepAlive: true })
    const { promise: ended, resolve } = Promise.withResolvers<void>()
    connection.on('notification', onWish).on('end', resolve)
    // The end that follows is what counts.
    connection.on('error', () => {})
    client = connection
    await connection.connect()
    await connection.query(LISTEN)
    // Whatever was said while nobody listened.
    onWish()
    await ended
  }
  const keepListening = async () => {
    while (!over.signal.aborted) {
      await listen().catch(onError)
      await sleep(PAUSE, undefined, { signal: over.signal }).catch(() => {})
    }
  }
  const running = keepListening()
  return {
    async close() {
      over.abort()
      await client?.end().catch(() => {})
      await running
    },
  }
}
