import { setTimeout as sleep } from 'node:timers/promises'
import type { RateGate } from '@portolan/core/engine/rate-gate.ts'
import type pg from 'pg'
import { untilDone } from './until-done.ts'

type Turn = { readonly granted: number; readonly wait_ms: number }

/** A turn taken so many milliseconds late would crowd the turns of others: 3 % of a second, and no more than that. */
const LATEST = 30
/** On a machine that is always late, a turn is taken all the same after so many lost ones. */
const MOST_LOST = 5

/**
 * The rate of a scan, shared by all workers that send for it: each books its next few packets with the database, which
 * hands out one stretch of time after the other. While the database is away nothing is sent.
 */
export const createScanGate = (db: pg.Pool, scanId: string): RateGate => ({
  async take(wanted, signal) {
    const book = () =>
      db.query<Turn>({ name: 'take-turn', text: 'SELECT * FROM take_turn($1, $2)', values: [scanId, wanted] })
    for (let lost = 0; ; lost++) {
      const { rows } = await untilDone(book, signal)
      const { granted = 0, wait_ms: wait = 0 } = rows[0] ?? {}
      const due = performance.now() + wait
      if (wait >= 1) await sleep(wait, undefined, { signal })
      if (performance.now() - due <= LATEST || lost >= MOST_LOST) return granted
    }
  },
})
