import { type Call, STREAMED } from './operation.ts'
import { Problem } from './problem.ts'

/** Events go on as long as what they tell of; an export ends with its last row. */
export type StreamKind = 'events' | 'export'

type Streaming = Pick<Call<unknown, unknown, unknown>, 'response' | 'requireKnown' | 'caller'>

/** Long responses of this process: how many may run at once, and the end of all of them. */
export interface Streams {
  /** Throws `unavailable` when too many are open already, `rate-limited` when too many of this key are. Cut when the key or session it began with ends before it. */
  run(call: Streaming, kind: StreamKind, work: () => Promise<void>): Promise<typeof STREAMED>
  /** Cuts those that may never end by themselves: clients come back to another process with Last-Event-ID. */
  cut(): void
}

/** Milliseconds between two looks at the key of a stream: how long one may outlive it. */
const KEY_CHECK = 2_000

export function createStreams(most: number): Streams {
  const open = new Map<Streaming['response'], { readonly kind: StreamKind; readonly keyId: string | null }>()
  const admit = (keyId: string | null) => {
    const headers = { 'Retry-After': '5' }
    if (open.size >= most) throw new Problem('unavailable', `${most} streams are open already`, { headers })
    const own = [...open.values()].filter((one) => one.keyId === keyId).length
    // Whoever is alone gets half, the next a quarter, and there is always a place for one who has none.
    if (own >= most - open.size)
      throw new Problem('rate-limited', `${own} streams of this key are open; close one first`, { headers })
  }
  return {
    async run(call, kind, work) {
      const { response, caller } = call
      admit(caller.keyId)
      open.set(response, { kind, keyId: caller.keyId })
      const watch = setInterval(() => cutUnknown(call), KEY_CHECK)
      try {
        await work()
        return STREAMED
      } finally {
        clearInterval(watch)
        open.delete(response)
      }
    },
    cut() {
      for (const [response, { kind }] of open) if (kind === 'events') response.destroy()
    },
  }
}

async function cutUnknown({ response, requireKnown }: Streaming): Promise<void> {
  try {
    await requireKnown()
  } catch (error) {
    // A database that is away for a moment says nothing about the key.
    if (error instanceof Problem && error.status === 401) response.destroy()
  }
}
