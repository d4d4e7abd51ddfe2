import { originOf } from '../http/audit.ts'
import type { Caller } from '../http/caller.ts'
import type { Call, Claim } from '../http/operation.ts'
import type { Parts } from '../parts.ts'

/** Who starts a scan, and for whom: a request, or a schedule on behalf of the key that made it. */
export interface Starter {
  readonly parts: Parts
  readonly caller: Caller
  readonly claim: Claim | null
  /** Actor, address and request id, for the audit log. */
  readonly origin: readonly [string, string | null, string | null]
}

export const starterOf = (call: Call<unknown, unknown, unknown>): Starter => ({ ...call, origin: originOf(call) })
