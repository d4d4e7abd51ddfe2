/** What a person sees: the command on a real (pseudo) terminal. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, constants, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { displayWidth } from '#core/format/display-width.ts'
import { LAUNCHER } from '#test/support/run-portolan.ts'

/** util-linux `script` gives the command a terminal and its keys. */
const TERMINAL = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0
const SLOW = 'scan 127.0.0.1 -p 1-400 --rate 200 --engine connect --open'

/** `watch` hears everything seen so far, each time there is more. */
function startOnTerminal(args: string, watch: (seen: string) => void = () => {}, columns = 80) {
  const env = { ...process.env, TERM: 'xterm', NO_COLOR: '', FORCE_COLOR: '' }
  const child = spawn('script', ['-qec', `stty cols ${columns}; ${LAUNCHER} ${args}`, '/dev/null'], { env })
  let seen = ''
  child.stdout.on('data', (chunk) => {
    seen += chunk
    watch(seen)
  })
  return { child, ended: once(child, 'close').then(([code]) => ({ code, seen })) }
}

const onTerminal = (args: string, columns = 80) => startOnTerminal(args, () => {}, columns).ended

test.skipIf(!TERMINAL)('a progress line with rate, time left and open count, gone when the results come', async () => {
  const { code, seen } = await onTerminal(SLOW)
  expect(code).toBe(0)
  expect(seen).toMatch(/\[=* *\] +\d+ % {2}[\d,]+\/s {2}\d+:\d\d left {2}\d+ open/)
  // No line is wider than the terminal, so that it can be drawn over.
  for (const line of seen.split(/\r\x1b\[K|\r?\n/))
    expect(line.replace(/\x1b\[\d*m/g, '').length).toBeLessThanOrEqual(80)
  expect(seen.split('\r\x1b[K').at(-1)).toContain('1 address, 400 ports')
})

test.skipIf(!TERMINAL)('the line goes on while the last service is still asked', async () => {
  const silent = createServer((socket) => socket.on('error', () => {}))
  await once(silent.listen(0, '127.0.0.1'), 'listening')
  let pressed = false
  const { child, ended } = startOnTerminal(
    `scan 127.0.0.1 -p ${Object(silent.address()).port} --engine connect`,
    (seen) => {
      const times = seen.match(/100 % {2}[\d,]+\/s {2}0:0\d {2}1 open {2}1 being asked/g) ?? []
      if (!pressed && new Set(times).size > 2) pressed = child.stdin.write('\x03')
    },
  )
  const { code, seen } = await ended
  silent.close()
  expect(pressed, seen).toBe(true)
  expect(code).toBe(130)
  expect(seen).toContain('more for services.')
})

/** A name of double width, and one that tries to paint, move the cursor and turn the text around. */
const TITLES = ['日本語のサ', 'x\x1b[2J\u202ey\r\tz']

describe.skipIf(!TERMINAL)('nothing is wider than the terminal', () => {
  const children: ChildProcess[] = []
  const ports: number[] = []
  beforeAll(async () => {
    for (const title of TITLES) {
      const listen = `process.title = ${JSON.stringify(title)}
        const server = net.createServer((s) => s.on('error', () => {}).end('220 ' + process.title.repeat(9) + ' ProFTPD 1.3.8\\r\\n'))
        server.listen(0, '127.0.0.1', () => console.log(server.address().port))`
      const child = spawn(process.execPath, ['-e', listen], { stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      const [port] = await once(child.stdout, 'data')
      ports.push(Number(port))
    }
  })
  afterAll(async () => {
    const ends = children.map((child) => once(child, 'exit'))
    for (const child of children) child.kill()
    await Promise.all(ends)
  })

  test.each([40, 60, 80, 200])('%i columns', async (columns) => {
    const all = [`scan 127.0.0.1 -v --engine connect -p ${ports}`, `listeners ${ports.join(' ')}`]
    for (const args of [...all, `scan 127.0.0.1 --dry-run --exclude-ports ${ports}`]) {
      const { code, seen } = await onTerminal(args, columns)
      expect(code, seen).toBe(0)
      for (const line of seen.split(/\r\x1b\[K|\r?\n/)) expect(displayWidth(line), line).toBeLessThanOrEqual(columns)
      expect(seen.replace(/\r\x1b\[K|\x1b\[\d*m/g, '')).not.toMatch(/[\x1b\u202a-\u202e\t]/)
      if (!args.includes('--dry-run')) for (const port of ports) expect(seen).toContain(`${port}`)
    }
  })
})

test.skipIf(!TERMINAL)('--plain draws nothing over and uses no colour; -q says nothing', async () => {
  expect((await onTerminal(`${SLOW} --plain`)).seen).not.toContain('\x1b')
  expect((await onTerminal('scan 127.0.0.1 -p 1 --engine connect --open -q')).seen).toBe('')
})

test.skipIf(!TERMINAL)('one Ctrl-C ends in order and says how to quit at once', async () => {
  let pressed = false
  const { child, ended } = startOnTerminal(SLOW.replace('200', '20'), (seen) => {
    if (!pressed && seen.includes('%')) pressed = child.stdin.write('\x03')
  })
  const { code, seen } = await ended
  expect(seen).toContain('stopping; what was found is kept')
  expect(seen).toContain('what is listed is what was found until then')
  expect(code).toBe(130)
})

test.skipIf(!TERMINAL)(
  'a second Ctrl-C quits at once, even while the results go into a file that nobody reads',
  async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'portolan-terminal-'))
    const pipe = path.join(folder, 'results')
    spawnSync('mkfifo', [pipe])
    const reader = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK)
    try {
      fill(reader)
      let pressed = 0
      const press = () => {
        pressed++
        child.stdin.write('\x03')
      }
      let again: NodeJS.Timeout | undefined
      const { child, ended } = startOnTerminal(`${SLOW.replace('200', '20')} -o xml:${pipe}`, (seen) => {
        if (pressed === 0 && seen.includes('%')) press()
        // Two that come right after each other count as one.
        else if (seen.includes('stopping')) again ??= setInterval(press, 200)
      })
      const { code, seen } = await ended
      clearInterval(again)
      expect(seen).toContain('Ctrl-C again to quit at once')
      // The words at the end of a scan that stopped in order.
      expect(seen).not.toContain('what is listed is what was found until then')
      expect(pressed).toBeGreaterThan(1)
      expect(code).toBe(130)
    } finally {
      closeSync(reader)
      rmSync(folder, { recursive: true })
    }
  },
)

/** Until nothing more goes in. */
function fill(pipe: number): void {
  try {
    for (;;) writeSync(pipe, Buffer.alloc(4096))
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error
  }
}
