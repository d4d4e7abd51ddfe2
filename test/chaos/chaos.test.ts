/** A short bad week; `npm run chaos` has longer ones. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, expect, test } from 'vitest'
import { canSimulate, netsimNote } from '../support/netsim.ts'

const PROGRAM = path.join(import.meta.dirname, 'chaos.ts')

describe.skipIf(!canSimulate)(`chaos${netsimNote}`, () => {
  test.concurrent.each(['redis', 'postgres'])(
    'nothing is lost and nothing doubled with the queue on %s',
    async (backend) => {
      const args = [PROGRAM, '--backend', backend, '--faults', '5', '--seed', '2', '--workers', '2']
      const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
      const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
      if (child.exitCode === null) await once(child, 'exit')
      expect([child.exitCode, stderr], stdout).toEqual([0, ''])
      expect(JSON.parse(stdout.trim().split('\n').at(-1) ?? '')).toMatchObject({ backend, faults: 5 })
    },
    300_000,
  )
})
