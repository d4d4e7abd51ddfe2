import { createServer } from 'node:net'
import { expect, test } from 'vitest'
import { openLibc } from '#core/engine/libc.ts'
import { candidateBlocks, claimPorts } from '#core/engine/source-ports.ts'

test('blocks the kernel hands out itself are the last resort', () => {
  const blocks = candidateBlocks(32_768, 60_999, Math.random)
  const first = blocks.slice(0, 70)
  expect(first.every((base) => base + 255 < 32_768 || base > 60_999)).toBe(true)
  expect(new Set(blocks).size).toBe(blocks.length)
  expect(blocks.every((base) => base % 256 === 0 && base >= 16_384 && base <= 65_280)).toBe(true)
})

test.runIf(process.platform === 'linux')(
  'two scans never share a block, and a claim keeps listeners off its first port',
  async () => {
    const libc = openLibc()
    const claims = Array.from({ length: 20 }, () => claimPorts(libc))
    expect(new Set(claims.map(({ base }) => base)).size).toBe(20)
    const port = claims[0]?.base ?? 0
    const taken = await new Promise((resolve) => {
      const server = createServer()
      server.on('error', (error) => resolve('code' in error && error.code))
      server.listen(port, '0.0.0.0', () => server.close(() => resolve('listening')))
    })
    expect(taken).toBe('EADDRINUSE')
    for (const { fd } of claims) libc.close(fd)
  },
)
