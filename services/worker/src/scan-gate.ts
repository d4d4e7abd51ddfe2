import { setTimeout as sleep } from 'node:timers/promises'
import type { RateGate } from '@portolan/core/engine/rate-gate.ts'
import type pg from 'pg'
import { untilDone } from './transaction.ts'

type Turn = { readonly granted: number; readonly wait_ms: number }

/**
 * The rate of a scan, shared by all workers that send for it: each books its next few packets with the database, which
 * hands out one stretch of time after the other. While the database is away nothing is sent.
 */
export const createScanGate = (db: pg.Pool, scanId: string): RateGate => ({
  async take(wanted, signal) {
    const book = () =>
      db.query<Turn>({ name: 'take-turn', text: 'SELECT * FROM take_turn($1, $2)', values: [scanId, wanted] })
    const { rows } = await untilDone(book, signal)
    const { granted = 0, wait_ms: wait = 0 } = rows[0] ?? {}
    if (wait >= 1) await sleep(wait, undefined, { signal })
    return granted
  },
})
