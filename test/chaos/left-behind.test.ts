/** Whatever ends the harness ends all it has started. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { describe, expect, test, vi } from 'vitest'
import { canSimulate, netsimNote } from '../support/netsim.ts'

const PROGRAM = path.join(import.meta.dirname, 'chaos.ts')

/** Names of the running programs that were given this in their environment. */
function marked(mark: string): readonly string[] {
  return readdirSync('/proc').flatMap((pid) => {
    try {
      const isOurs = /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
      return isOurs ? [readFileSync(`/proc/${pid}/cmdline`, 'latin1').replaceAll('\0', ' ')] : []
    } catch {
      return []
    }
  })
}

describe.skipIf(!canSimulate)(`chaos${netsimNote}`, () => {
  test.each(['SIGTERM', 'SIGKILL'] as const)(
    '%s of the harness leaves no process behind',
    async (signal) => {
      const mark = randomUUID()
      const args = [PROGRAM, '--backend', 'redis', '--faults', '50', '--workers', '2']
      const folder = await mkdtemp(path.join(tmpdir(), 'portolan-left-'))
      // The database server runs as somebody else.
      await chmod(folder, 0o755)
      const env = { ...process.env, MARK: mark, TMPDIR: folder }
      const child = spawn(process.execPath, args, { env, stdio: 'ignore' })
      const parts = ['netsim', 'redis-server', 'postgres', 'worker/src/main.ts', 'api/src/main.ts']
      await vi.waitFor(
        () => {
          const running = marked(mark).join('\n')
          for (const part of parts) expect(running).toContain(part)
        },
        { timeout: 60_000, interval: 200 },
      )
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
      await vi.waitFor(() => expect(marked(mark)).toEqual([]), { timeout: 30_000, interval: 100 })
      if (signal === 'SIGTERM') expect(readdirSync(folder)).toEqual([])
      await rm(folder, { recursive: true })
    },
    120_000,
  )
})
