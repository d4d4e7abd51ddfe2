import { expect, test } from 'vitest'
import { answerFilter, SNAP_LENGTH } from '#core/engine/link-filter.ts'
import { emptyAnswer, readAnswer } from '#core/wire/tcp-answer.ts'
import { SynTemplate } from '#core/wire/tcp-syn.ts'

const BASE = 61_440
const PROGRAM = answerFilter(BASE)

/** The kernel's interpreter, for the opcodes in use. Reading beyond the packet rejects it, as there. */
function accepts(packet: Uint8Array, protocol: number): boolean {
  const code = new DataView(PROGRAM.buffer)
  let [a, x] = [0, 0]
  for (let pc = 0; ; pc++) {
    const [operation, k] = [code.getUint16(pc * 8, true), code.getUint32(pc * 8 + 4, true)]
    const [yes, no] = [code.getUint8(pc * 8 + 2), code.getUint8(pc * 8 + 3)]
    const at = k + (operation === 0x50 || operation === 0x48 ? x : 0)
    const size = operation === 0x28 || operation === 0x48 ? 2 : 1
    if (operation === 0x06) return k > 0
    if (operation === 0x28 && k === 0xffff_f000) a = protocol
    else if ([0x30, 0x28, 0x50, 0x48].includes(operation)) {
      if (at + size > packet.length) return false
      a = size === 2 ? (packet[at]! << 8) | packet[at + 1]! : packet[at]!
    } else if (operation === 0xb1) x = (packet[k]! & 15) * 4
    else if (operation === 0x54) a &= k
    else if (operation === 0x15) pc += a === k ? yes : no
    else if (operation === 0x45) pc += (a & k) !== 0 ? yes : no
    else throw new Error(`opcode ${operation}`)
  }
}

function reply(family: 4 | 6, flags: number, port = BASE + 7): Uint8Array {
  const bytes = new SynTemplate(new Uint8Array(family === 4 ? 4 : 16).fill(9), 1500).bytes.slice()
  const tcp = family === 4 ? 20 : 40
  bytes[tcp + 2] = port >> 8
  bytes[tcp + 3] = port & 255
  bytes[tcp + 13] = flags
  return bytes
}

function error(family: 4 | 6, port = BASE + 7): Uint8Array {
  const header = family === 4 ? 20 : 40
  const bytes = new Uint8Array(header * 2 + 16)
  const quoted = header + 8
  bytes.set(family === 4 ? [0x45, 0, 0, 56, 0, 0, 0, 0, 64, 1] : [0x60, 0, 0, 0, 0, 56, 58, 64])
  bytes.set(family === 4 ? [3, 13] : [1, 1], header)
  bytes.set(family === 4 ? [0x45, 0, 0, 60, 0, 0, 0, 0, 64, 6] : [0x60, 0, 0, 0, 0, 40, 6, 64], quoted)
  bytes.set([port >> 8, port & 255, 0, 80, 1, 2, 3, 4], quoted + header)
  return bytes
}

const ETHERTYPE = { 4: 0x0800, 6: 0x86dd } as const

test.each([4, 6] as const)('IPv%i: keeps answers to our ports and errors about our probes, nothing else', (family) => {
  const type = ETHERTYPE[family]
  for (const flags of [0x12, 0x14]) expect(accepts(reply(family, flags), type)).toBe(true)
  for (const flags of [0x02, 0x10, 0x18, 0x04, 0x11]) expect(accepts(reply(family, flags), type)).toBe(false)
  for (const port of [BASE - 1, BASE + 256, 80]) {
    expect(accepts(reply(family, 0x12, port), type)).toBe(false)
    expect(accepts(error(family, port), type)).toBe(false)
  }
  expect(accepts(error(family), type)).toBe(true)
  expect(accepts(reply(family, 0x12), 0x0006)).toBe(false)
})

test('keeps ARP and neighbour advertisements', () => {
  expect(accepts(new Uint8Array(28), 0x0806)).toBe(true)
  const advertisement = new Uint8Array(72)
  advertisement.set([0x60, 0, 0, 0, 0, 32, 58, 255])
  advertisement[40] = 136
  expect(accepts(advertisement, 0x86dd)).toBe(true)
  advertisement[40] = 135
  expect(accepts(advertisement, 0x86dd)).toBe(false)
})

test('never drops what the reader would take for an answer to one of our ports', () => {
  const answer = emptyAnswer()
  let x = 99
  const random = (below: number) => {
    x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((x / 2 ** 32) * below)
  }
  let kept = 0
  for (let round = 0; round < 60_000; round++) {
    const family = round % 2 === 0 ? 4 : 6
    const packet = random(2) === 0 ? reply(family, random(2) === 0 ? 0x12 : 0x14) : error(family)
    for (let flips = random(3); flips > 0; flips--) packet[random(packet.length)] = random(256)
    if (!readAnswer(packet, 0, packet.length, answer) || answer.family !== family) continue
    if (answer.ownPort < BASE || answer.ownPort > BASE + 255) continue
    kept++
    if (!accepts(packet.subarray(0, SNAP_LENGTH), ETHERTYPE[family])) throw new Error([...packet].join(' '))
  }
  expect(kept).toBeGreaterThan(20_000)
})
