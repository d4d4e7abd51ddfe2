import fc from 'fast-check'
import { expect, test } from 'vitest'
import { DNS_CLASS, DNS_TYPE, dnsName, dnsQuery, dnsStrings, parseDns } from '#core/wire/dns.ts'
import { Writer } from '#core/wire/writer.ts'

const question = { name: 'version.bind', type: DNS_TYPE.txt, class: DNS_CLASS.chaos }

test('a question reads back as asked', () => {
  const message = parseDns(dnsQuery(0xbeef, question, 0x0100))
  expect(message).toMatchObject({ id: 0xbeef, response: false, questions: [question], trailing: 0 })
})

test('compressed names and the names inside records are expanded', () => {
  const reply = new Writer()
    .bytes(dnsQuery(1, { name: 'example.test', type: DNS_TYPE.srv, class: DNS_CLASS.in }, 0x8580))
    .patchU16(6, 1)
    .u16(0xc00c)
    .u16(DNS_TYPE.srv)
    .u16(1)
    .u32(60)
    .u16(6 + 7)
    .zeros(4)
    .u16(443)
    .bytes([4, 0x68, 0x6f, 0x73, 0x74, 0xc0, 0x0c])
    .finish()
  expect(parseDns(reply)?.answers).toMatchObject([{ name: 'example.test', target: 'host.example.test', ttl: 60 }])
})

test('a pointer that leads to itself or forwards ends the parse instead of looping', () => {
  for (const pointer of [0xc00c, 0xc00d, 0xc010]) {
    const bytes = new Writer().u16(1).u16(0x8000).u16(1).zeros(6).u16(pointer).u16(16).u16(3).finish()
    expect(parseDns(bytes)).toBeNull()
  }
})

test('labels too long for DNS are cut, not written wrong', () => {
  expect(dnsName('a'.repeat(80)).length).toBe(65)
})

test('any bytes are parsed or refused', () => {
  const head = dnsQuery(1, question)
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.boolean(), (tail, framed) => {
      const message = parseDns(framed ? new Writer().bytes(head).patchU16(6, 2).bytes(tail).finish() : tail)
      for (const record of message?.answers ?? []) expect(dnsStrings(record.data).length).toBeLessThanOrEqual(120)
    }),
  )
})
