/** Server-sent events: the wire format of the HTML standard, section 9.2, and the life of one stream. */
import type { Response } from 'express'
import { openOutflow } from './outflow.ts'

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
 * holds the source back instead of filling memory, and one that stops reading is let go after `patience` milliseconds.
 */
export async function sendEvents(
  response: Response,
  patience: number,
  source: (signal: AbortSignal) => AsyncIterable<ServerEvent>,
): Promise<void> {
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  const outflow = openOutflow(response, patience)
  response.writeHead(200, {
    'Content-Type': 'text/event-stream',
    'Cache-Control': 'no-store',
    'X-Accel-Buffering': 'no',
  })
  if (response.req.method === 'HEAD') return void response.end()
  // Reconnect after a second; also makes headers and first bytes leave at once.
  await outflow.write('retry: 1000\n\n')
  const heartbeat = setInterval(() => outflow.write(': still here\n\n'), HEARTBEAT)
  try {
    for await (const event of source(gone.signal)) {
      if (gone.signal.aborted) return
      await outflow.write(formatEvent(event))
    }
    outflow.end()
  } finally {
    clearInterval(heartbeat)
  }
}

export function formatEvent({ event, id, data }: ServerEvent): string {
  return `event: ${event}\n${id === undefined ? '' : `id: ${id}\n`}data: ${JSON.stringify(data)}\n\n`
}
