/** Why a running shard stops before its end. */
export type StopReason =
  /** The user wants the scan cancelled, or its time is over. */
  | 'cancel'
  | 'pause'
  /** Another scan has waited long enough for this place. */
  | 'yield'
  /** This worker is going down. */
  | 'shutdown'
  /** Somebody else holds the shard, or may by now. */
  | 'lost'

/** One shard's switch; the first reason stays, except that a lost lease overrules everything. */
export interface Stop {
  readonly signal: AbortSignal
  reason(): StopReason | null
  stop(reason: StopReason): void
}

export function createStop(): Stop {
  const controller = new AbortController()
  let why: StopReason | null = null
  return {
    signal: controller.signal,
    reason: () => why,
    stop(reason) {
      if (why === null || reason === 'lost') why = reason
      controller.abort()
    },
  }
}
