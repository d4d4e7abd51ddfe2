import { expect, test } from 'vitest'
import { emptyAnswer, readAnswer } from '#core/wire/tcp-answer.ts'
import { type SynFields, SynTemplate } from '#core/wire/tcp-syn.ts'

const V6 = Uint8Array.from({ length: 16 }, (_, i) => i + 1)
const OWN6 = Uint8Array.from({ length: 16 }, (_, i) => 0xf0 + i)
const FIELDS: SynFields = {
  v4: 0xc612_0001,
  v6: V6,
  sourcePort: 61_444,
  port: 443,
  sequence: 0xffff_ffff,
  timestamp: 7,
  id: 9,
}

function syn(family: 4 | 6): Uint8Array {
  const template = new SynTemplate(family === 4 ? Uint8Array.of(10, 0, 0, 1) : OWN6, 1500)
  const packet = new Uint8Array(template.bytes)
  template.complete(packet, 0, FIELDS)
  return packet
}

/** What the target's kernel makes of the SYN: addresses and ports swapped, its sequence number plus one acknowledged. */
function reply(family: 4 | 6, flags: number): Uint8Array {
  const bytes = syn(family)
  const header = family === 4 ? 20 : 40
  const [from, to, size] = family === 4 ? [12, 16, 4] : [8, 24, 16]
  const source = bytes.slice(from, from + size)
  bytes.copyWithin(from, to, to + size)
  bytes.set(source, to)
  bytes.set([1, 187, 240, 4, 1, 2, 3, 4, 0, 0, 0, 0], header)
  bytes[header + 13] = flags
  return bytes
}

function unreachable(family: 4 | 6, type: number, code: number): Uint8Array {
  const quoted = syn(family)
  if (family === 4) {
    const bytes = new Uint8Array(28 + 28)
    bytes.set([0x45, 0, 0, 56, 0, 0, 0, 0, 60, 1, 0, 0, 203, 0, 113, 1, 10, 0, 0, 1, type, code])
    bytes.set(quoted.subarray(0, 28), 28)
    return bytes
  }
  const bytes = new Uint8Array(48 + quoted.length)
  bytes.set([0x60, 0, 0, 0, 0, 88, 58, 60])
  bytes.set([0x20, 1, 0xd, 0xb8], 8)
  bytes.set([type, code], 40)
  bytes.set(quoted, 48)
  return bytes
}

const SAMPLES = ([4, 6] as const).flatMap((family) => [
  reply(family, 0x12),
  reply(family, 0x14),
  unreachable(family, family === 4 ? 3 : 1, 1),
  syn(family),
])

test.each([4, 6] as const)('IPv%i: reads SYN-ACK and RST, and which SYN they answer', (family) => {
  const answer = emptyAnswer()
  for (const [flags, kind] of [
    [0x12, 'syn-ack'],
    [0x14, 'reset'],
  ] as const) {
    const bytes = reply(family, flags)
    expect(readAnswer(bytes, 0, bytes.length, answer)).toBe(true)
    expect(answer).toMatchObject({ kind, family, port: 443, ownPort: 61_444, sequence: 0xffff_ffff })
    if (family === 4) expect(answer.v4).toBe(0xc612_0001)
    else expect([...answer.v6]).toEqual([...V6])
  }
})

test.each([
  [4, 3, 1],
  [4, 3, 13],
  [4, 11, 0],
  [6, 1, 1],
  [6, 1, 4],
  [6, 3, 0],
] as const)('IPv%i: ICMP type %i code %i is about the quoted SYN', (family, icmpType, icmpCode) => {
  const answer = emptyAnswer()
  const bytes = unreachable(family, icmpType, icmpCode)
  expect(readAnswer(bytes, 0, bytes.length, answer)).toBe(true)
  expect(answer).toMatchObject({
    kind: 'unreachable',
    icmpType,
    icmpCode,
    port: 443,
    ownPort: 61_444,
    sequence: 0xffff_ffff,
  })
  if (family === 4) expect([answer.v4, answer.fromV4]).toEqual([0xc612_0001, 0xcb00_7101])
  else expect([...answer.v6]).toEqual([...V6])
})

test('what is no answer to a SYN is none: our own SYN, data, a bare RST, pings, fragments, cut packets', () => {
  const answer = emptyAnswer()
  const none = [
    syn(4),
    syn(6),
    reply(4, 0x18),
    reply(4, 0x04),
    reply(6, 0x10),
    unreachable(4, 8, 0),
    unreachable(6, 128, 0),
    reply(4, 0x12).subarray(0, 39),
    unreachable(4, 3, 1).subarray(0, 55),
    new Uint8Array(0),
  ]
  const fragment = reply(4, 0x12)
  fragment[7] = 1
  for (const bytes of [...none, fragment]) expect(readAnswer(bytes, 0, bytes.length, answer)).toBe(false)
})

test('a million mutated packets: no throw, nothing read beyond the packet, bounded time', () => {
  let x = 12_345
  const random = (below: number) => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((x / 2 ** 32) * below)
  }
  const answer = emptyAnswer()
  const arena = new Uint8Array(256)
  const started = process.cpuUsage()
  let read = 0
  for (let round = 0; round < 1_000_000; round++) {
    const sample = SAMPLES[round % SAMPLES.length] ?? arena
    const length = random(4) === 0 ? random(sample.length + 1) : sample.length
    arena.set(sample)
    for (let flips = random(4); flips > 0; flips--) arena[random(128)] = random(256)
    if (!readAnswer(arena, 0, length, answer)) continue
    read++
    if (answer.port > 0xffff || answer.sequence < 0 || answer.sequence > 0xffff_ffff) throw new Error('out of range')
  }
  expect(read).toBeGreaterThan(100_000)
  // Of our own processor time: how long others keep the machine is not the decoder's doing.
  expect(process.cpuUsage(started).user / 1000).toBeLessThan(5000)
  for (const [at, length] of [
    [-1, 40],
    [250, 40],
    [0, 300],
  ] as const)
    expect(readAnswer(arena, at, length, answer)).toBe(false)
})
