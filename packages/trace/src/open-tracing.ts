import { randomBytes } from 'node:crypto'
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, TraceFlags, trace } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, type IdGenerator, TracerProvider } from '@opentelemetry/sdk-trace'
import type { Tracing } from './tracing.ts'

export interface TracingOptions {
  /** Of the collector, without /v1/traces: OTEL_EXPORTER_OTLP_ENDPOINT. Headers come from OTEL_EXPORTER_OTLP_HEADERS. */
  readonly endpoint: string
  /** `portolan-api`, `portolan-worker`. */
  readonly service: string
  readonly version: string
}

/** Loaded only where traces are wanted. Spans are sent in batches, and dropped when the collector is away. */
export function openTracing({ endpoint, service, version }: TracingOptions): Tracing {
  const ids = placedIds()
  const exporter = new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces` })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ 'service.name': service, 'service.version': version }),
    idGenerator: ids,
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  })
  const tracer = provider.getTracer('portolan')
  return {
    record({ name, kind, place, startedAt, endedAt, attributes, failure }) {
      ids.next = place
      const { traceId, parentId } = place
      const parent = { traceId, spanId: parentId ?? '', traceFlags: TraceFlags.SAMPLED, isRemote: true }
      const context = parentId === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent)
      const options = {
        kind: kind === 'server' ? SpanKind.SERVER : SpanKind.CONSUMER,
        startTime: startedAt,
        attributes,
      }
      const span = tracer.startSpan(name, options, context)
      ids.next = null
      if (failure !== null) span.setStatus({ code: SpanStatusCode.ERROR, message: failure })
      span.end(endedAt)
    },
    close: () => provider.shutdown(),
  }
}

/** Ids that were decided beforehand, else random ones. Spans start synchronously, so there is one `next` at a time. */
function placedIds(): IdGenerator & { next: { readonly traceId: string; readonly spanId: string | null } | null } {
  return {
    next: null,
    generateTraceId() {
      return this.next?.traceId ?? randomBytes(16).toString('hex')
    },
    generateSpanId() {
      return this.next?.spanId ?? randomBytes(8).toString('hex')
    },
  }
}
