/**
 * How far the service carries, with the processes people run.
 *
 *   npm run bench:scale [-- ROW...]      without names all; a wrong one is answered with the list
 *
 * Prints JSON lines, with the load of the machine when the row began, and a table at the end. `overhead` needs root,
 * iproute2 and a C compiler, the rows with Redis a redis-server.
 */
import os from 'node:os'
import { takePrecedence } from '../take-precedence.ts'
import { control } from './control.ts'
import { idle } from './idle.ts'
import { ingest } from './ingest.ts'
import { overhead } from './overhead.ts'
import { accept, queued } from './requests.ts'
import { queue, shards } from './shards.ts'
import { workers } from './workers.ts'

/** What was measured, and what it shall be where there is a bar. */
export type Figures = Readonly<Record<string, number | string>>

const ROWS: Readonly<Record<string, () => Promise<readonly Figures[]>>> = {
  accept,
  queue,
  shards,
  ingest,
  workers,
  control,
  overhead,
  queued,
  idle,
}

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in ROWS))
if (unknown.length > 0) throw new Error(`no row ${unknown.join(', ')}; there are ${Object.keys(ROWS).join(', ')}`)
takePrecedence()
const table: Figures[] = []
for (const [row, measure] of Object.entries(ROWS)) {
  if (asked.length > 0 && !asked.includes(row)) continue
  const load = Number(os.loadavg()[0]?.toFixed(1))
  for (const figures of await measure()) {
    console.log(JSON.stringify({ bench: 'scale', row, load, ...figures }))
    for (const [what, measured] of Object.entries(figures)) table.push({ row, what, measured })
  }
}
console.table(table)
