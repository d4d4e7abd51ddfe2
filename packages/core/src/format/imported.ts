/** What the readers of other tools' results (and our own) hand out, one event at a time. */
import type { PortSet } from '#core/target/port-set.ts'
import type { EndpointRecord } from './endpoint-record.ts'

export type Imported =
  /** Once, before the first endpoint, when the file says what was scanned. */
  | {
      readonly kind: 'run'
      readonly scanner: string
      readonly version: string | null
      /** Milliseconds since 1970. */
      readonly startedAt: number | null
      /** Ports that were asked, so that "not listed" can mean "not open"; null when the file does not tell. */
      readonly scanned: PortSet | null
    }
  /** An address that was looked at, whether or not it has endpoints. */
  | { readonly kind: 'host'; readonly ip: string; readonly up: boolean; readonly seenAt: number | null }
  | { readonly kind: 'endpoint'; readonly endpoint: EndpointRecord; readonly seenAt: number | null }
  /** Something that is not taken over, and why. `line` counts from 1, as the reader stands. */
  | { readonly kind: 'skipped'; readonly line: number; readonly problem: string }
  /** The last event. `complete` is false for a file that ends early: what came before it is still good. */
  | { readonly kind: 'end'; readonly finishedAt: number | null; readonly complete: boolean }

export type Chunks = AsyncIterable<Uint8Array> | Iterable<Uint8Array>
