/** A scan that is killed without a word goes on from its state file, and loses nothing it had found. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, expect, test, vi } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

vi.setConfig({ testTimeout: 90_000 })

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-resume-'))
const servers: Server[] = []
afterAll(() => {
  for (const server of servers) server.close()
  rmSync(folder, { recursive: true, force: true })
})

/** It accepts and is silent: asking it what it runs takes seconds, during which it is found and not yet told. */
async function silent(): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object(server.address()).port
}

test('kill -9 while open ports are being asked what they run', async () => {
  const open = (await Promise.all(Array.from({ length: 10 }, silent))).sort((a, b) => a - b)
  const state = path.join(folder, 'state')
  const how = ['--engine', 'connect', '--rate', '200', '--resume', state, '--format', 'ndjson', '--open']
  await runPortolan(['scan', '127.0.0.1', '-p', `1-1600,${open}`, ...how], {
    async onStart(child) {
      while (!existsSync(state) && child.exitCode === null) await sleep(20)
      child.kill('SIGKILL')
    },
  })
  expect(existsSync(state)).toBe(true)
  const { code, stdout, stderr } = await runPortolan(['scan', ...how])
  expect([code, stderr]).toEqual([0, expect.stringContaining('1 address, 1,610 ports: ')])
  const found = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
    .filter(({ port }) => port > 1600)
  expect(found.map(({ port }) => port).sort((a, b) => a - b)).toEqual(open)
  expect(existsSync(state)).toBe(false)
})
