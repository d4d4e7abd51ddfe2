import type { Response } from 'express'
import { STREAMED } from './operation.ts'
import { Problem } from './problem.ts'

/** Long responses of this process: how many may run at once, and the end of all of them. */
export interface Streams {
  /** Throws `unavailable` when too many are open already. */
  run(response: Response, work: () => Promise<void>): Promise<typeof STREAMED>
  /** Cuts those that are open: clients come back to another process with Last-Event-ID, or start their export anew. */
  cut(): void
}

export function createStreams(most: number): Streams {
  const open = new Set<Response>()
  return {
    async run(response, work) {
      if (open.size >= most)
        throw new Problem('unavailable', `${most} streams are open already`, { headers: { 'Retry-After': '5' } })
      open.add(response)
      try {
        await work()
        return STREAMED
      } finally {
        open.delete(response)
      }
    },
    cut() {
      for (const response of open) response.destroy()
    },
  }
}
