import { goOn } from '@portolan/cli/src/scan/go-on.ts'
import { expect, test } from 'vitest'

test('what was typed, fit for a shell; what came through a pipe cannot come again', () => {
  const scan = ['scan', '127.0.0.1', '-p', 'http*,!80', '--rate', '50k', '--resume', "it's here", '-o', 'all.xml']
  expect(goOn(scan, "it's here")).toBe(
    `portolan scan 127.0.0.1 -p 'http*,!80' --rate 50k --resume 'it'\\''s here' -o all.xml`,
  )
  expect(goOn(['scan', '-iL', '-', '--resume', 'state'], 'state')).toBe('portolan scan --resume state')
})
