import type { TracingOptions } from './open-tracing.ts'
import type { Tracing } from './tracing.ts'

/** Null without an endpoint. The library is loaded where it is used: a start without it costs nothing. */
export async function tracingTo(
  endpoint: string | undefined,
  about: Omit<TracingOptions, 'endpoint'>,
): Promise<Tracing | null> {
  if (endpoint === undefined) return null
  const { openTracing } = await import('./open-tracing.ts')
  return openTracing({ endpoint, ...about })
}
