import type { Response } from 'express'
import { STREAMED } from './operation.ts'
import { Problem } from './problem.ts'

/** Events go on as long as what they tell of; an export ends with its last row. */
export type StreamKind = 'events' | 'export'

/** Long responses of this process: how many may run at once, and the end of all of them. */
export interface Streams {
  /** Throws `unavailable` when too many are open already. */
  run(response: Response, kind: StreamKind, work: () => Promise<void>): Promise<typeof STREAMED>
  /** Cuts those that may never end by themselves: clients come back to another process with Last-Event-ID. */
  cut(): void
}

export function createStreams(most: number): Streams {
  const open = new Map<Response, StreamKind>()
  return {
    async run(response, kind, work) {
      if (open.size >= most)
        throw new Problem('unavailable', `${most} streams are open already`, { headers: { 'Retry-After': '5' } })
      open.set(response, kind)
      try {
        await work()
        return STREAMED
      } finally {
        open.delete(response)
      }
    },
    cut() {
      for (const [response, kind] of open) if (kind === 'events') response.destroy()
    },
  }
}
