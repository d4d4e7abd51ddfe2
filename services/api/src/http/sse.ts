/** Server-sent events: the wire format of the HTML standard, section 9.2, and the life of one stream. */
import type { Response } from 'express'

export interface ServerEvent {
  readonly event: string
  /** What a client sends back as Last-Event-ID; unset: this event is not a place to resume from. */
  readonly id?: string
  readonly data: unknown
}

/** Proxies close silent connections after a minute or less. Milliseconds. */
const HEARTBEAT = 15_000

/**
 * Writes the events until there are no more or the client goes away; the source is told by its signal. A slow client
 * holds the source back instead of filling memory.
 */
export async function sendEvents(
  response: Response,
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  })
  // Reconnect after a second; also makes headers and first bytes leave at once.
  response.write('retry: 1000\n\n')
  const heartbeat = setInterval(() => response.write(': still here\n\n'), HEARTBEAT)
  try {
    for await (const event of source(gone.signal)) {
      if (gone.signal.aborted) return
      if (!response.write(formatEvent(event))) await drained(response)
    }
    response.end()
  } finally {
    clearInterval(heartbeat)
  }
}

export function formatEvent({ event, id, data }: ServerEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}

/** Resolves when the client has taken what is buffered, or is gone. */
export function drained(response: Response): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done)
      resolve()
    }
    if (response.destroyed) resolve()
    else response.on('drain', done).on('close', done)
  })
}
