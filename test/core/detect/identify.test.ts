/**
 * Offline identification of banners of every age, in `banners/<kind>.tsv`: text, a word of the product (its maker
 * counts), version. The bars are shares, because some texts honestly say nothing.
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { createIdentify, identify } from '#core/detect/identify.ts'
import type { Service } from '#core/detect/protocol.ts'
import { BER, tlv, tlvInteger, tlvOid, tlvText } from '#core/wire/ber.ts'
import { fixturesOf } from '#test/support/fixture.ts'

const FOLDER = path.join(import.meta.dirname, 'banners')
const html = (title: string) => `<html><head><title>${title}</title></head></html>`
/** How a bare text comes over the wire. */
const WIRE: Readonly<Record<string, (text: string) => string>> = {
  ssh: (text) => `SSH-2.0-${text}\r\n`,
  sip: (text) => `SIP/2.0 200 OK\r\nServer: ${text}\r\n\r\n`,
  rtsp: (text) => `RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: ${text}\r\n\r\n`,
  server: (text) => `HTTP/1.1 200 OK\r\nServer: ${text}\r\n\r\n`,
  auth: (text) => `HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: ${text}\r\n\r\n`,
  title: (text) => `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n${html(text)}`,
  'powered-by': (text) => `HTTP/1.1 200 OK\r\nX-Powered-By: ${text}\r\n\r\n`,
  telnet: (text) => text.replaceAll('\\r', '\r').replaceAll('\\n', '\n'),
  upnp: (text) => `HTTP/1.1 200 OK\r\nSERVER: ${text}\r\nST: upnp:rootdevice\r\nUSN: uuid:1\r\n\r\n`,
  sysdescr: (text) => agent(text.replaceAll('\\r', '\r').replaceAll('\\n', '\n')),
}
const HTTP = /^(?:server|auth|title|powered-by)$/
const UDP = /^(?:upnp|sysdescr)$/
/** An answer of SNMP v2c that holds sysDescr.0. */
function agent(description: string): string {
  const binding = tlv(BER.sequence, tlvOid('1.3.6.1.2.1.1.1.0'), tlvText(description))
  const pdu = tlv(0xa2, tlvInteger(1), tlvInteger(0), tlvInteger(0), tlv(BER.sequence, binding))
  return Buffer.from(tlv(BER.sequence, tlvInteger(1), tlvText('public'), pdu)).toString('latin1')
}
const tcp = (text: string, port?: number): Service | null =>
  identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(text, 'latin1')), ...(port ? { port } : {}) })
const letters = (text: string) => text.toLowerCase().replace(/[^a-z0-9]/g, '')

describe.each(readdirSync(FOLDER).map((file) => file.replace('.tsv', '')))('%s', (kind) => {
  const rows = readFileSync(path.join(FOLDER, `${kind}.tsv`), 'utf8')
    .trimEnd()
    .split('\n')
  const found = rows.map((row) => {
    const [text = '', word = '', version = ''] = row.split('\t')
    const data = new Uint8Array(Buffer.from(WIRE[kind]?.(text) ?? `${text}\r\n`, 'latin1'))
    return { text, word, version, service: identify({ transport: UDP.test(kind) ? 'udp' : 'tcp', data }) }
  })
  const share = (right: number, of: number) => (of === 0 ? 1 : right / of)

  test('service, product and version', () => {
    const name = HTTP.test(kind) ? /^(?:http|http-proxy|ipp)$/ : new RegExp(`^${kind === 'sysdescr' ? 'snmp' : kind}$`)
    const service = found.filter((f) => name.test(f.service?.name ?? '')).length
    const product = found.filter(({ word, service }) => {
      const said = letters(`${service?.vendor ?? ''} ${service?.product ?? ''}`)
      return said !== '' && said.includes(letters(word))
    }).length
    const versions = found.filter((f) => f.version !== '')
    const right = versions.filter((f) => f.service?.version === f.version).length
    expect(share(service, found.length)).toBeGreaterThanOrEqual(0.99)
    expect(share(product, found.filter((f) => f.word !== '').length)).toBeGreaterThanOrEqual(0.9)
    expect(share(right, versions.length)).toBeGreaterThanOrEqual(0.95)
  })
})

test('what nobody knows is null, and nothing is made up', () => {
  for (const text of ['', '\x00', 'hello\r\n', '\xff\xfe\xfd', '{"a":1}', '220\r\n', 'GET / HTTP/1.1\r\n\r\n'])
    expect(tcp(text)?.product ?? null, JSON.stringify(text)).toBeNull()
})

test('the port decides between protocols that greet in the same words', () => {
  expect(tcp('220 host.test ready\r\n', 21)?.name).toBe('ftp')
  expect(tcp('220 host.test ready\r\n', 25)?.name).toBe('smtp')
  expect(tcp('220 host.test ESMTP Postfix\r\n', 21)?.name).toBe('smtp')
})

test('a proxy is who refuses to fetch, or asks for a password; who stands before a site of its own is a web server', () => {
  const answer = (status: string, server: string) => tcp(`HTTP/1.1 ${status}\r\nServer: ${server}\r\n\r\n`)?.name
  expect(answer('400 Bad Request', 'squid/5.7')).toBe('http-proxy')
  expect(answer('407 Proxy Authentication Required', 'Zorquib/1.0')).toBe('http-proxy')
  expect(answer('200 OK', 'squid/5.7')).toBe('http')
  expect(answer('503 Service Unavailable', 'Varnish')).toBe('http')
  expect(answer('200 OK', 'CUPS/2.4 IPP/2.1')).toBe('ipp')
})

test('a refusal is told by its words, or else by its port', () => {
  expect(tcp('421 Too many connections (8) from this IP\r\n')).toMatchObject({ name: 'ftp', product: 'Pure-FTPd' })
  expect(tcp('500 OOPS: cannot change directory:/home/x\r\n')).toMatchObject({ name: 'ftp', product: 'vsftpd' })
  expect(tcp('554 5.7.1 Client host blocked using a list\r\n')?.name).toBe('smtp')
  expect(tcp('Exceeded MaxStartups\r\n')).toMatchObject({ name: 'ssh', product: 'OpenSSH' })
  expect(tcp('421 Come back later\r\n')).toBeNull()
  expect(tcp('421 Come back later\r\n', 21)?.name).toBe('ftp')
  expect(tcp('451 Internal server error\r\n', 25)?.name).toBe('smtp')
  expect(tcp('-ERR permission denied\r\n', 110)?.name).toBe('pop3')
})

test('a page without a head is HTTP/0.9, and not sure', () => {
  const page = tcp(`<!DOCTYPE html>${html('phpMyAdmin 4.0.10')}`)
  expect(page).toMatchObject({ name: 'http', product: 'phpMyAdmin', info: 'HTTP/0.9', confidence: 0.6 })
})

test('the same bytes over UDP and TCP belong to different protocols', () => {
  const [dns] = fixturesOf('dns-udp')
  const data = dns?.exchange[0]?.reply ?? new Uint8Array()
  expect(identify({ transport: 'udp', data })?.name).toBe('domain')
  expect(identify({ transport: 'tcp', data })).toBeNull()
})

test('knowledge can be brought', () => {
  expect(createIdentify([])({ transport: 'tcp', data: new Uint8Array(Buffer.from('SSH-2.0-x\r\n')) })).toBeNull()
})

test('what follows a greeting is known without it', () => {
  const told = (text: string) => {
    const found = tcp(text)
    return [found?.name, found?.product ?? null, found?.version ?? null]
  }
  expect(told('214-2.0.0 This is sendmail version 8.14.7\r\n214 2.0.0 End of HELP info\r\n')).toEqual([
    'smtp',
    'Sendmail',
    '8.14.7',
  ])
  expect(told('250-mx.test\r\n250-PIPELINING\r\n250-SIZE 1024\r\n250-ETRN\r\n250 8BITMIME\r\n')[1]).toBe(
    'Postfix smtpd',
  )
  expect(told("252 send some mail, i'll try my best\r\n")).toEqual(['smtp', 'qmail smtpd', null])
  expect(told('250-mx.test at your service\r\n250-SIZE 1024\r\n250 AUTH LOGIN\r\n')).toEqual(['smtp', null, null])
  expect(told('215 UNIX Type: L8\r\n')).toEqual(['ftp', null, null])
  expect(told('211-Features:\r\n MDTM\r\n REST STREAM\r\n211 End\r\n')).toEqual(['ftp', null, null])
  expect(told('331 Please specify the password.\r\n')).toEqual(['ftp', 'vsftpd', null])
  expect(told('* ID ("name" "Zorquib" "version" "v2.4.17-3.el7")\r\n')).toEqual(['imap', 'Zorquib', '2.4.17'])
  expect(told('* CAPABILITY IMAP4rev1 IDLE\r\n')).toEqual(['imap', null, null])
  expect(told('+OK\r\nUIDL\r\nIMPLEMENTATION Zorquib POP3 server v2.3.16\r\n.\r\n')).toEqual([
    'pop3',
    'Zorquib POP3 server',
    '2.3.16',
  ])
})

test("codes that mail shares with others are nobody's without the words", () => {
  for (const text of ['215 list of newsgroups follows\r\n', '250 OK\r\n', '211 5 1 5 misc.test\r\n', '214 help\r\n'])
    expect(tcp(text), text).toBeNull()
  expect(tcp('250-PROTOCOLINFO 1\r\n250-AUTH METHODS=COOKIE\r\n250 OK\r\n')?.name).not.toBe('smtp')
})
