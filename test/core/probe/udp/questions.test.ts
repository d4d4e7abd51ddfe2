import { readdirSync } from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { questionsByPort, UDP_QUESTIONS } from '#core/probe/udp/questions.ts'
import type { UdpQuestion } from '#core/probe/udp-question.ts'

const folder = path.resolve(import.meta.dirname, '../../../../packages/core/src/probe/udp')

const isQuestion = (value: unknown): value is UdpQuestion =>
  typeof value === 'object' && value !== null && 'datagram' in value && 'ports' in value

describe('UDP questions', () => {
  it('are all listed, once, under names of their own', async () => {
    const exported: UdpQuestion[] = []
    for (const file of readdirSync(folder)) {
      const module: Record<string, unknown> = await import(path.join(folder, file))
      exported.push(...Object.values(module).filter(isQuestion))
    }
    const names = (questions: readonly UdpQuestion[]) => questions.map(({ name }) => name).sort()
    expect(names(UDP_QUESTIONS)).toEqual(names(exported))
    expect(new Set(names(UDP_QUESTIONS)).size).toBe(UDP_QUESTIONS.length)
    expect(UDP_QUESTIONS.length).toBeGreaterThanOrEqual(60)
  })

  it.each(UDP_QUESTIONS.map((question) => [question.name, question] as const))(
    '%s fits into one packet, depends on nothing but its token, and judges any bytes without harm',
    (_, { ports, datagram, answers }) => {
      expect(ports.every((port) => Number.isInteger(port) && port > 0 && port < 65_536)).toBe(true)
      expect(ports.length).toBeGreaterThan(0)
      fc.assert(
        fc.property(fc.nat(0xffffffff), fc.uint8Array({ maxLength: 300 }), (token, bytes) => {
          const sent = datagram(token)
          expect(sent.length).toBeGreaterThan(0)
          expect(sent.length).toBeLessThanOrEqual(1232)
          expect(datagram(token)).toEqual(sent)
          for (const reply of [bytes, sent, sent.slice(0, bytes.length)]) answers?.(reply, token)
        }),
        { numRuns: 30 },
      )
      expect(answers?.(new Uint8Array(0), 1) ?? false).toBe(false)
    },
  )

  it('are found by port; a port with several questions hears them in turn', () => {
    const byPort = questionsByPort()
    expect(byPort.get(161)?.map(({ name }) => name)).toEqual(['snmp'])
    expect(byPort.get(500)?.map(({ name }) => name)).toEqual(['ikev1', 'ikev2'])
    expect(byPort.get(9)).toBeUndefined()
  })

  /** Answers put together from the text of each specification, not from our own encoders. */
  const token = 0x1234abcd
  it.each([
    ['tftp', '0005 0001 46696c65206e6f7420666f756e6400'],
    ['stun', '0101 0000 2112a442 1234abcd 0000000000000000'],
    ['nat-pmp', '00 80 0000 00000010 c0000201'],
    ['asf-rmcp', '06 00 ff 06 000011be 40 4d 00 10 000011be 00000000 81 00 000000000000'],
    ['gtp-u', '32 02 0006 00000000 abcd 0000 0e 00'],
    ['knxnet-ip', '0610 0204 0008 0000'],
    ['ethernet-ip', '6300 0000 00000000 00000000 1234abcd 00000000 00000000'],
    ['openvpn', '40 0102030405060708 01 00000000 1234abcd edcb5432 00000000'],
    ['quic', '80 00000000 04 1234abcd 08 1234abcdedcb5432 00000001'],
    ['mssql-browser', '05 0400 41424344'],
    ['iax2', 'a000 2bcd 00000000 00 00 06 03'],
    ['l2tp', 'c802 0014 abcd 0000 0000 0001 8008 0000 0000 0002'],
    ['icp', '02 02 0020 1234abcd 0000000000000000 00000000 7800'],
    ['rip', '02 02 0000 0002 0000 0a000000 ff000000 00000000 00000001'],
    ['mqtt-sn', '03 02 01'],
    ['memberlist', '02 82 a5 5365714e6f ce 1234abcd a7 5061796c6f6164 c0'],
  ])('%s recognises an answer made by the book', (name, hex) => {
    const question = UDP_QUESTIONS.find((each) => each.name === name)
    const reply = Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
    expect(question?.answers?.(reply, token)).toBe(true)
    expect(question?.answers?.(reply.slice(0, 2), token)).toBe(false)
  })
})
