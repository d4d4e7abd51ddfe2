import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sumWords } from '#core/wire/checksum.ts'
import { arpRequest, neighbourSolicitation, readAdvertisement, readArp, solicitedNode } from '#core/wire/neighbour.ts'

const MAC = Uint8Array.of(2, 0, 0, 0, 0, 1)
const PEER = Uint8Array.of(2, 0, 0, 0, 0, 9)
const OWN6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1)
const THERE6 = Uint8Array.of(0xfd, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xab, 0xcd, 0xef, 2)

function arpReply(): Uint8Array {
  const bytes = arpRequest(PEER, Uint8Array.of(10, 0, 0, 2), Uint8Array.of(10, 0, 0, 1))
  bytes[7] = 2
  return bytes
}

function advertisement(): Uint8Array {
  const bytes = neighbourSolicitation(PEER, THERE6, THERE6)
  bytes.set(OWN6, 24)
  bytes[40] = 136
  bytes[64] = 2
  return bytes
}

test('an ARP reply names its sender and whom it is for; requests and malformed packets name nobody', () => {
  expect(readArp(arpReply(), 0, 28)).toEqual({
    address: Uint8Array.of(10, 0, 0, 2),
    mac: PEER,
    to: Uint8Array.of(10, 0, 0, 1),
  })
  expect(readArp(arpRequest(MAC, Uint8Array.of(10, 0, 0, 1), Uint8Array.of(10, 0, 0, 2)), 0, 28)).toBeNull()
  expect(readArp(arpReply().subarray(0, 27), 0, 27)).toBeNull()
  const group = arpReply()
  group[8] = 0xff
  expect(readArp(group, 0, 28)).toBeNull()
})

test('a solicitation goes to the group of the target with a right checksum', () => {
  const bytes = neighbourSolicitation(MAC, OWN6, THERE6)
  expect(solicitedNode(THERE6).mac).toEqual(Uint8Array.of(0x33, 0x33, 0xff, 0xcd, 0xef, 2))
  expect([...bytes.subarray(24, 40)]).toEqual([0xff, 2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0xff, 0xcd, 0xef, 2])
  const sum = sumWords(bytes, 8, 72) + 32 + 58
  expect(((sum & 0xffff) + (sum >>> 16)) % 0xffff).toBe(0)
})

test('an advertisement names the owner of the address; one that a router passed on does not', () => {
  expect(readAdvertisement(advertisement(), 0, 72)).toEqual({ address: THERE6, mac: PEER, to: OWN6 })
  const routed = advertisement()
  routed[7] = 254
  expect(readAdvertisement(routed, 0, 72)).toBeNull()
  const endless = advertisement()
  endless[64] = 9
  endless[65] = 0
  expect(readAdvertisement(endless, 0, 72)).toBeNull()
})

test('nothing a stranger sends makes them throw', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.nat(80), (noise, cut) => {
      for (const base of [arpReply(), advertisement()]) {
        const bytes = Uint8Array.from({ length: Math.max(base.length, noise.length) }, (_, i) =>
          i < cut ? (base[i] ?? 0) : (noise[i] ?? 0),
        )
        readArp(bytes, 0, bytes.length)
        readAdvertisement(bytes, 0, bytes.length)
        readAdvertisement(bytes, 5, bytes.length)
      }
    }),
  )
})
