/**
 * OpenTelemetry traces, when somebody collects them. A scan is one trace, from the request that started it to its last
 * shard, and its id is the scan's own without the dashes: no process has to tell another one what belongs together.
 */
import { createHash, randomBytes } from 'node:crypto'

/** W3C Trace Context: 32 and 16 hex digits. */
export interface SpanPlace {
  readonly traceId: string
  /** Null: the first of its trace. */
  readonly parentId: string | null
  /** Null: any. */
  readonly spanId: string | null
}

export interface FinishedSpan {
  readonly name: string
  readonly kind: 'server' | 'consumer'
  readonly place: SpanPlace
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly endedAt: number
  readonly attributes: Readonly<Record<string, string | number | boolean>>
  /** What went wrong; null: nothing. */
  readonly failure: string | null
}

export interface Tracing {
  /** Hands a span over; never throws and never waits. */
  record(span: FinishedSpan): void
  /** Sends what has been handed over. */
  close(): Promise<void>
}

/** Where the request that starts a scan stands, and what its jobs hang on. */
export function scanRoot(scanId: string): SpanPlace & { readonly spanId: string } {
  const spanId = createHash('sha256').update(scanId).digest('hex').slice(0, 16)
  return { traceId: scanId.replaceAll('-', ''), parentId: null, spanId }
}

export const insideScan = (scanId: string): SpanPlace => {
  const { traceId, spanId } = scanRoot(scanId)
  return { traceId, parentId: spanId, spanId: null }
}

/** In the trace of whoever asks (`traceparent`, W3C Trace Context section 3.2), or in one of its own. */
export function requestPlace(header: string | readonly string[] | undefined): SpanPlace {
  const traceparent = typeof header === 'string' ? header : ''
  const [, traceId, parentId] = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}/.exec(traceparent) ?? []
  if (traceId === undefined || parentId === undefined || /^0+$/.test(traceId) || /^0+$/.test(parentId))
    return { traceId: randomBytes(16).toString('hex'), parentId: null, spanId: null }
  return { traceId, parentId, spanId: null }
}
