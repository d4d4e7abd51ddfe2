/** Colour is for terminals, and for nobody who says so: the commands that explain, too. */
import { expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

test.each([
  ['check', '127.0.0.1', '1', '--no-services'],
  ['explain', '3389'],
])('%s: FORCE_COLOR colours, --plain and NO_COLOR do not', async (...args: string[]) => {
  const [coloured, plain, none] = await Promise.all([
    runPortolan(args, { env: { FORCE_COLOR: '1' } }),
    runPortolan([...args, '--plain'], { env: { FORCE_COLOR: '1' } }),
    runPortolan(args, { env: { FORCE_COLOR: '1', NO_COLOR: '1' } }),
  ])
  expect(coloured.stdout).toContain('\x1b[')
  for (const { stdout } of [plain, none]) {
    expect(stdout).not.toBe('')
    expect(stdout).not.toContain('\x1b')
  }
})
