/** What this worker has done since it started; goes with each sign of life into its row, where /metrics finds it. */
export interface Tally {
  add(done: Partial<Totals>): void
  totals(): Totals
}

export type Totals = {
  /** Probes sent, answers received. */
  readonly sent: number
  readonly received: number
  /** Observations in the tables; one that became known better counts again. */
  readonly stored: number
  /** Open ports asked what they are, and those that said it. */
  readonly examined: number
  readonly identified: number
  readonly shardsDone: number
  readonly shardsFailed: number
}

const NOTHING: Totals = {
  sent: 0,
  received: 0,
  stored: 0,
  examined: 0,
  identified: 0,
  shardsDone: 0,
  shardsFailed: 0,
}

export function createTally(): Tally {
  const counted = new Map<string, number>()
  return {
    add(done) {
      for (const [name, count] of Object.entries(done)) counted.set(name, (counted.get(name) ?? 0) + count)
    },
    totals: () => ({ ...NOTHING, ...Object.fromEntries(counted) }),
  }
}
