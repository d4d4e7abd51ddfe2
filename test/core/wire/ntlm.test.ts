import fc from 'fast-check'
import { expect, test } from 'vitest'
import { findNtlmChallenge, ntlmNegotiate } from '#core/wire/ntlm.ts'
import { Writer } from '#core/wire/writer.ts'

const utf16 = (text: string) => Buffer.from(text, 'utf16le')

function challenge({
  targetName = 'LAB',
  pairs = [[1, utf16('HOST')]] as [number, Uint8Array][],
  infoLength = 0,
} = {}) {
  const info = new Writer()
  for (const [id, value] of pairs) info.u16le(id).u16le(value.length).bytes(value)
  info.u32(0)
  const length = infoLength || info.length
  const name = utf16(targetName)
  const writer = new Writer().latin1('NTLMSSP\0').u32le(2).u16le(name.length).u16le(name.length).u32le(56)
  writer
    .u32le(0x02800001)
    .zeros(16)
    .u16le(length)
    .u16le(length)
    .u32le(56 + name.length)
  return writer.u8(10).u8(0).u16le(17763).zeros(3).u8(15).bytes(name).bytes(info.finish()).finish()
}

test('names, build and clock come out of a challenge wrapped in anything', () => {
  const time = new Writer().u64le(132_539_328_000_000_000n).finish()
  const pairs: [number, Uint8Array][] = [
    [2, utf16('LAB')],
    [1, utf16('HOST')],
    [4, utf16('lab.test')],
    [3, utf16('host.lab.test')],
    [7, time],
  ]
  const found = findNtlmChallenge(Buffer.concat([Buffer.from('wrapped'), challenge({ pairs })]))
  expect(found).toEqual({
    targetName: 'LAB',
    build: '10.0.17763',
    netbiosComputer: 'HOST',
    netbiosDomain: 'LAB',
    dnsComputer: 'host.lab.test',
    dnsDomain: 'lab.test',
    dnsForest: null,
    time: '2021-01-01T00:00:00.000Z',
  })
})

test('a negotiate message or a length that leads outside is no challenge', () => {
  expect(findNtlmChallenge(ntlmNegotiate())).toBeNull()
  expect(findNtlmChallenge(challenge({ infoLength: 4000 }))).toBeNull()
})

test('damaged challenges are parsed or refused', () => {
  const whole = challenge()
  fc.assert(
    fc.property(fc.nat(whole.length - 1), fc.nat(255), fc.nat(whole.length), (at, value, cut) => {
      const bytes = whole.slice(0, cut)
      if (at < cut) bytes[at] = value
      findNtlmChallenge(bytes)
    }),
  )
})
