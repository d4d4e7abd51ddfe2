import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { simulated } from '../engines/site.ts'
import type { Figures } from './run.ts'

/** Over a simulated internet of its own, because raw packets need a wire. */
export async function overhead(): Promise<readonly Figures[]> {
  const site = simulated(['--rtt', '4', '--open', '0.01'], ['198.18.0.0', '1', '1', '1'])
  try {
    const inside = path.join(import.meta.dirname, 'overhead-inside.ts')
    const command = ['netns', 'exec', site.namespace, process.execPath, inside]
    const child = spawn('ip', command, { stdio: ['ignore', 'pipe', 'inherit'] })
    const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')])
    if (code !== 0) throw new Error('the measurement of the overhead failed')
    return output
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
  } finally {
    site.down()
  }
}
