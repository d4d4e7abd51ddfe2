/**
 * A network in which nothing changes, scanned again and again through a bad path: how many changes are told? None is
 * right. The simulated internet loses packets; everything else is the real service: API, worker,
 * PostgreSQL, a schedule. Needs root, iproute2 and a C compiler.
 *
 *   node bench/watch/run.ts [runs, default 200] [share of packets lost, default 0.02]
 *
 * Prints one JSON line.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { simulated } from '../engines/site.ts'

const LOSS = process.argv[3] ?? '0.02'
const site = simulated(
  ['--rtt', '10', '--jitter', '4', '--loss', LOSS, '--open', '0.2', '--filtered', '0.5'],
  ['198.18.0.0', '8', '1', '50'],
)
try {
  const inside = path.join(import.meta.dirname, 'inside.ts')
  const command = ['netns', 'exec', site.namespace, process.execPath, inside, process.argv[2] ?? '200']
  const child = spawn('ip', command, { stdio: 'inherit' })
  const [code] = await once(child, 'exit')
  process.exitCode = Number(code ?? 1)
} finally {
  site.down()
}
