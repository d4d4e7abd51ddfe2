import { expect, test } from 'vitest'
import { bePrompt, readAttributes } from '#core/engine/promptness.ts'

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
