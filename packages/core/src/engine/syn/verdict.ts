/** Final states as single bytes: what a window keeps per position, and what crosses between threads. */
import type { PortState, Reason, StateCounts } from '../engine.ts'

export interface Verdict {
  readonly state: PortState
  readonly reason: Reason
}

const VERDICTS: readonly Verdict[] = [
  { state: 'open', reason: 'syn-ack' },
  { state: 'closed', reason: 'reset' },
  { state: 'filtered', reason: 'no-response' },
  ...(
    [
      'host-unreach',
      'net-unreach',
      'proto-unreach',
      'port-unreach',
      'host-prohibited',
      'net-prohibited',
      'admin-prohibited',
      'ttl-exceeded',
      'param-problem',
    ] as const
  ).map((reason) => ({ state: 'filtered', reason }) as const),
]

export const OPEN = 0
export const CLOSED = 1
export const SILENT = 2

export const HOST_UNREACH = codeOf('host-unreach')
export const NET_UNREACH = codeOf('net-unreach')

/** The code of a filtered port, by its reason. */
export function codeOf(reason: Reason): number {
  const code = VERDICTS.findIndex((verdict) => verdict.reason === reason)
  return code < 0 ? SILENT : code
}

export function verdictOf(code: number): Verdict {
  return VERDICTS[code] ?? { state: 'filtered', reason: 'no-response' }
}

/** Adds up how often each code occurred (`tally[code]`). */
export function countStates(tally: ArrayLike<number>): StateCounts {
  let filtered = 0
  for (let code = SILENT; code < tally.length; code++) filtered += tally[code] ?? 0
  return { open: tally[OPEN] ?? 0, closed: tally[CLOSED] ?? 0, filtered, openFiltered: 0 }
}

export const VERDICT_COUNT = VERDICTS.length
