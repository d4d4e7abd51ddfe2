import { expect, test } from 'vitest'
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import { bePrompt, readAttributes } from '#core/engine/promptness.ts'
import { createUdpEngine } from '#core/engine/udp-engine.ts'
import { spaceOf } from '#test/conformance/engine.ts'

/** Nanoseconds this thread may run at a stretch, 0 where the kernel does not say. */
function slice(): bigint {
  const attributes = new Uint8Array(48)
  return readAttributes(attributes) ? new DataView(attributes.buffer).getBigUint64(24, true) : 0n
}

test.skipIf(slice() === 0n)('a sender with a rate to keep runs in short turns, and only while it sends', () => {
  const before = slice()
  const relax = bePrompt({ rate: 1000 })
  expect(slice()).toBeLessThan(before)
  relax()
  expect(slice()).toBe(before)
  bePrompt({ rate: 'max' })
  expect(slice()).toBe(before)
})

test.skipIf(slice() === 0n).each([
  ['connect', 'tcp', createConnectEngine],
  ['udp', 'udp', createUdpEngine],
] as const)('%s keeps a rate in short turns', async (_, transport, make) => {
  const before = slice()
  const space = spaceOf(transport, ['127.0.0.1'], [[1, 20]])
  const seen = new Set<boolean>()
  const task = { space, from: 0, to: space.size, record: 'open', rate: 200 } as const
  for await (const _batch of make().scan(task, new AbortController().signal)) seen.add(slice() < before)
  expect([seen.has(true), slice()]).toEqual([true, before])
})
