/** What a person sees: the command on a real (pseudo) terminal. */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { LAUNCHER } from '#test/support/run-portolan.ts'

/** util-linux `script` gives the command a terminal and its keys. */
const TERMINAL = spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0
const SLOW = 'scan 127.0.0.1 -p 1-400 --rate 200 --engine connect --open'

async function onTerminal(args: string, keys: readonly string[] = [], waitFor = '%') {
  const env = { ...process.env, TERM: 'xterm', NO_COLOR: '', FORCE_COLOR: '' }
  const child = spawn('script', ['-qec', `stty cols 80; ${LAUNCHER} ${args}`, '/dev/null'], { env })
  let seen = ''
  const left = [...keys]
  child.stdout.on('data', (chunk) => {
    const now = String(chunk)
    seen += now
    if (left.length > 0 && now.includes(waitFor)) child.stdin.write(left.shift() ?? '')
  })
  const [code] = await once(child, 'close')
  return { code, seen }
}

test.skipIf(!TERMINAL)('a progress line with rate, time left and open count, gone when the results come', async () => {
  const { code, seen } = await onTerminal(SLOW)
  expect(code).toBe(0)
  expect(seen).toMatch(/\[=* *\] +\d+ % {2}[\d,]+\/s {2}\d+:\d\d left {2}\d+ open/)
  // No line is wider than the terminal, so that it can be drawn over.
  for (const line of seen.split(/\r\x1b\[K|\r?\n/))
    expect(line.replace(/\x1b\[\d*m/g, '').length).toBeLessThanOrEqual(80)
  expect(seen.split('\r\x1b[K').at(-1)).toContain('1 address, 400 ports')
})

test.skipIf(!TERMINAL)('--plain draws nothing over and uses no colour; -q says nothing', async () => {
  expect((await onTerminal(`${SLOW} --plain`)).seen).not.toContain('\x1b')
  expect((await onTerminal('scan 127.0.0.1 -p 1 --engine connect --open -q')).seen).toBe('')
})

test.skipIf(!TERMINAL)('one Ctrl-C ends in order and says how to quit at once', async () => {
  const { code, seen } = await onTerminal(SLOW.replace('200', '20'), ['\x03'])
  expect(seen).toContain('stopping; what was found is kept')
  expect(seen).toContain('what is listed is what was found until then')
  expect(code).toBe(130)
})
