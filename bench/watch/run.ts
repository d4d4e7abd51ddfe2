/**
 * A network that is scanned again and again through a bad path. The simulated internet loses packets; everything else is
 * the real service: API, workers, PostgreSQL, a schedule. Needs root, iproute2 and a C compiler.
 *
 *   node bench/watch/run.ts unchanged [runs, default 200] [share of packets lost, default 0.02]
 *
 * Nothing changes: how many changes are told? None is right.
 *
 *   node bench/watch/run.ts changing [rounds, default 20] [share of packets lost, default 0.02]
 *
 * In every round a port opens and one closes, a server moves, one is upgraded and one renews its certificate: each is to
 * be told once, in the next run, and nothing in the one after that. These servers are real ones, behind the same path.
 *
 * Prints one JSON line.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Site, simulated } from '../engines/site.ts'

const [, , mode = 'unchanged', times, loss = '0.02'] = process.argv
const isChanging = mode === 'changing'
const badPath = ['--rtt', '10', '--jitter', '4', '--loss', loss, '--filtered', '0.5']
const open = isChanging ? ['--open', '0.05', '--real', 'real0'] : ['--open', '0.2']

const inside = (namespace: string, script: string, ...values: readonly string[]) => {
  const file = path.join(import.meta.dirname, script)
  return spawn('ip', ['netns', 'exec', namespace, process.execPath, file, ...values], { stdio: 'inherit' })
}

async function changing({ namespace }: Site): Promise<number> {
  const folder = mkdtempSync(path.join(tmpdir(), 'real-hosts-'))
  const control = path.join(folder, 'control')
  const hosts = inside(`${namespace}-real`, 'real-hosts.ts', control)
  try {
    while (!existsSync(control)) await sleep(50)
    const [code] = await once(inside(namespace, 'changing.ts', times ?? '20', control), 'exit')
    return Number(code ?? 1)
  } finally {
    hosts.kill()
    rmSync(folder, { recursive: true })
  }
}

async function unchanged({ namespace }: Site): Promise<number> {
  const [code] = await once(inside(namespace, 'unchanged.ts', times ?? '200'), 'exit')
  return Number(code ?? 1)
}

const site = simulated([...badPath, ...open], ['198.18.0.0', '8', '1', '50'])
try {
  process.exitCode = await (isChanging ? changing : unchanged)(site)
} finally {
  site.down()
}
