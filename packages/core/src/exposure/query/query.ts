/** A search for endpoints, as a tree. Values are read and checked: whoever runs it has nothing left to parse. */
import type { PortState } from '#core/engine/engine.ts'
import type { Span } from '#core/target/address-set.ts'
import type { PortRange } from '#core/target/port-set.ts'
import type { Transport } from '#core/target/probe-space.ts'

export type Comparison = '<' | '<=' | '=' | '>=' | '>'

/** Fields that hold text, compared without regard to case. */
export type TextField = 'service' | 'product' | 'vendor' | 'os' | 'device' | 'hostname' | 'vantage' | 'tls.sha256'

export type Condition =
  | { readonly field: 'port'; readonly ranges: readonly PortRange[] }
  | { readonly field: 'transport'; readonly transport: Transport }
  | { readonly field: 'state'; readonly state: PortState }
  /** An address, a CIDR block or a range: both ends included. */
  | { readonly field: 'net'; readonly span: Span }
  /** `*` in `pattern` stands for anything; without one it is the whole value. */
  | { readonly field: TextField; readonly pattern: string }
  /** The names hosts were scanned under; as `parseNamePattern` leaves it. */
  | { readonly field: 'name'; readonly pattern: string }
  | { readonly field: 'tag'; readonly tag: string }
  | { readonly field: 'cpe' | 'banner' | 'info'; readonly contains: string }
  | { readonly field: 'version'; readonly comparison: Comparison; readonly version: string }
  /** `seen:<7d` is a last sighting less than 7 days ago: a moment after `now` less 7 days. Milliseconds since 1970. */
  | {
      readonly field: 'seen' | 'first' | 'changed' | 'tls.expires'
      readonly comparison: Comparison
      readonly at: number
    }
  | { readonly field: 'has'; readonly what: 'service' | 'product' | 'version' | 'tls' | 'hostname' }
  /** A word on its own: anywhere in address, service, product, host name or banner. */
  | { readonly field: 'any'; readonly contains: string }

export type Query =
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Query[] }
  | { readonly kind: 'not'; readonly part: Query }
  | { readonly kind: 'is'; readonly condition: Condition }
