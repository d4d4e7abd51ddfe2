/**
 * Products nobody has heard of: the general rules alone must find name, version and distribution wherever a protocol
 * lets servers introduce themselves, and must not take host names, dates and addresses for either.
 */
import { expect, test } from 'vitest'
import { identify } from '#core/detect/identify.ts'
import { seeded } from '#test/support/mutate.ts'

const SYLLABLES = ['zor', 'quib', 'vex', 'lum', 'dra', 'fip', 'nok', 'tal', 'wub', 'gry']
const random = seeded('invented products')
const pick = <T>(from: readonly T[]): T => {
  const value = from[Math.floor(random() * from.length)]
  if (value === undefined) throw new Error('nothing to pick from')
  return value
}
const number = (to: number) => Math.floor(random() * to)
const word = () => {
  const name = pick(SYLLABLES) + pick(SYLLABLES) + pick(SYLLABLES)
  return name.charAt(0).toUpperCase() + name.slice(1)
}
const version = () => pick([`${number(9) + 1}.${number(20)}`, `${number(9)}.${number(20)}.${number(99)}`])

type Form = (name: string, version: string) => string
const HTTP: readonly Form[] = [
  (n, v) => `${n}/${v}`,
  (n, v) => `${n}/${v} (Unix) mod_tex/4.2 OpenSSL/1.1.1`,
  (n, v) => `${n}/${v} (Ubuntu)`,
  (n, v) => `${n} ${v}`,
  (n, v) => `${n}/v${v}`,
  (n, v) => `${n}(${v})`,
  (n, v) => `${n} Version ${v}`,
]
const SSH: readonly Form[] = [(n, v) => `${n}_${v}`, (n, v) => `${n}-${v}`, (n, v) => `${n}_${v} Debian-1+deb12u3`]
const GREETING: readonly Form[] = [
  (n, v) => `mail.test.example ESMTP ${n} ${v} ready`,
  (n, v) => `mail.test.example ESMTP ${n} ${v}; Tue, 3 Mar 2015 10:11:12 +0100`,
  (n, v) => `mail.test.example ESMTP ${n} (${v})`,
  (n, v) => `mail.test.example ESMTP ${n} v${v} at your service`,
]
const FTP: readonly Form[] = [
  (n, v) => `${n} FTP Server ${v} ready.`,
  (n, v) => `${n} FTP Server v${v} ready`,
  (n, v) => `ftp.test.example FTP server (${n} ${v}) ready.`,
  (n, v) => `(${n} ${v})`,
]
const wire: Readonly<Record<string, readonly [readonly Form[], (text: string) => string]>> = {
  http: [HTTP, (text) => `HTTP/1.1 200 OK\r\nServer: ${text}\r\nContent-Length: 0\r\n\r\n`],
  sip: [HTTP, (text) => `SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\nServer: ${text}\r\n\r\n`],
  rtsp: [HTTP, (text) => `RTSP/1.0 200 OK\r\nCSeq: 1\r\nServer: ${text}\r\n\r\n`],
  ssh: [SSH, (text) => `SSH-2.0-${text}\r\n`],
  smtp: [GREETING, (text) => `220 ${text}\r\n`],
  ftp: [FTP, (text) => `220 ${text}\r\n`],
  pop3: [GREETING.map((form) => (n, v) => form(n, v).replace('ESMTP', 'POP3')), (text) => `+OK ${text}\r\n`],
  imap: [GREETING.map((form) => (n, v) => form(n, v).replace('ESMTP', 'IMAP4rev1')), (text) => `* OK ${text}\r\n`],
}

test.each(Object.entries(wire))('%s: name and version of products never seen before', (protocol, [forms, send]) => {
  const wrong: string[] = []
  for (const form of forms)
    for (let i = 0; i < 10; i++) {
      const [name, release] = [word(), version()]
      const text = send(form(name, release))
      const found = identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(text)) })
      const product = found?.product?.replace(/(?: (?:FTP|Server|smtpd|ftpd))+$/i, '')
      if (found?.name !== protocol || product !== name || found.version !== release)
        wrong.push(`${text.trim()} -> ${found?.name} ${found?.product} ${found?.version}`)
    }
  expect(wrong).toEqual([])
})

test('a name has all its words, and no host between it and its version', () => {
  const told = (text: string) => {
    const found = identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(text)) })
    return [found?.product ?? null, found?.version ?? null]
  }
  expect(told('220 MINI-ZORFTP server 1.2\r\n')).toEqual(['MINI-ZORFTP server', '1.2'])
  expect(told('220 Zorquib FTP Server 1.2 ready.\r\n')).toEqual(['Zorquib FTP Server', '1.2'])
  expect(told('220 mail.test.example ESMTP ZorMail Harmony 5.4\r\n')).toEqual(['ZorMail Harmony', '5.4'])
  expect(told('220 Zorquib edge.test.example (Version 2.2k3) FTP\r\n')).toEqual(['Zorquib', '2.2k3'])
  expect(told('220 mail.test.example -- Server ESMTP (Zorquib 2.1)\r\n')).toEqual(['Zorquib', '2.1'])
})

test('a database that stands in for another tells its own name and version behind', () => {
  const told = (version: string) => {
    const payload = Buffer.concat([Buffer.from([10]), Buffer.from(`${version}\0`), Buffer.alloc(40)])
    const data = new Uint8Array(Buffer.concat([Buffer.from([payload.length, 0, 0, 0]), payload]))
    const found = identify({ transport: 'tcp', data })
    return [found?.name, found?.product, found?.version]
  }
  expect(told('8.0.33-Zorquib-1.2.3')).toEqual(['mysql', 'Zorquib', '1.2.3'])
  expect(told('5.7.99 Zorquib version 2.0.4')).toEqual(['mysql', 'Zorquib', '2.0.4'])
  expect(told('5.7.44-zorquib-log')).toEqual(['mysql', 'MySQL', '5.7.44'])
  expect(told('5.7.29-rds.20200331-log')).toEqual(['mysql', 'MySQL', '5.7.29'])
})

test('who refuses at the door is known by the words', () => {
  const named = (text: string) => identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(`${text}\r\n`)) })?.name
  expect(named('421 Too many users - please try again later.')).toBe('ftp')
  expect(named('530 Connection refused, unknown IP address.')).toBe('ftp')
  expect(named('502 You are not in my access file. Goodbye.')).toBe('nntp')
  expect(named('400 too many connections from your host')).toBe('nntp')
})

test('the distribution is read from its suffix, and left out of the version', () => {
  const told = (text: string) => identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(text)) })
  expect(told('SSH-2.0-Zorquib_3.1.4 Debian-1+deb12u3\r\n')).toMatchObject({ version: '3.1.4', os: 'Debian' })
  const http = (server: string) => told(`HTTP/1.1 200 OK\r\nServer: ${server}\r\n\r\n`)
  expect(http('Zorquib/3.1.4 (Ubuntu)')).toMatchObject({ product: 'Zorquib', version: '3.1.4', os: 'Ubuntu' })
  expect(http('Zorquib/3.1.4-2ubuntu1')).toMatchObject({ product: 'Zorquib', version: '3.1.4', os: 'Ubuntu' })
  expect(http('Zorquib/3.1.4-12.el7')).toMatchObject({ product: 'Zorquib', version: '3.1.4' })
  expect(http('Zorquib/3.1.4 (FreeBSD)')).toMatchObject({ product: 'Zorquib', version: '3.1.4', os: 'FreeBSD' })
})

test('what UPnP asks to stand before the product is not the product', () => {
  const barricade = new Uint8Array(Buffer.from('HTTP/1.1 200 OK\r\nServer: UPnP/1.0, SMC Barricade\r\n\r\n'))
  expect(identify({ transport: 'tcp', data: barricade })).toMatchObject({ product: 'SMC Barricade', version: null })
  for (const platform of ['Windows 10, UPnP/1.0 DLNADOC/1.50, ', 'UPnP/1.0 DLNADOC/1.50 ', 'Linux/2.6 UPnP/1.0 ']) {
    const data = new Uint8Array(Buffer.from(`HTTP/1.1 200 OK\r\nServer: ${platform}Zorquib/3.1.4\r\n\r\n`))
    expect(identify({ transport: 'tcp', data })).toMatchObject({ product: 'Zorquib', version: '3.1.4' })
  }
})

test('host names, dates and addresses are neither products nor versions', () => {
  const texts = [
    '220 mx1.test.example ESMTP\r\n',
    '220 mx1.test.example ESMTP; Tue, 3 Mar 2015 10:11:12 +0100\r\n',
    '220 192.0.2.17 ESMTP ready\r\n',
    '220 mail2015.test.example ready at 2015-03-03 10:11:12\r\n',
    '+OK POP3 server ready <1896.697170952@mail.test.example>\r\n',
    '* OK imap2.test.example IMAP4rev1 server ready at Tue, 3 Mar 2015 10:11:12 +0100\r\n',
    '220 ftp2.test.example FTP server ready.\r\n',
  ]
  for (const text of texts) {
    const found = identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(text)) })
    expect({ text, version: found?.version ?? null }).toEqual({ text, version: null })
    expect({ text, product: found?.product ?? null }).toEqual({ text, product: null })
  }
})

test('what an operator writes is no product', () => {
  const title = (text: string) => `HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n<title>${text}</title>`
  const server = (text: string) => `HTTP/1.1 200 OK\r\nServer: ${text}\r\nContent-Length: 0\r\n\r\n`
  const texts = [
    ...['Vacation photos from Canon City', 'Apple pie recipes', 'Brother and sister - a story'].map(title),
    ...['none', 'Secure', 'www.test.com', '192.0.2.17', 'web01', 'localhost', 'Not your business'].map(server),
    ...['Jenkins & Sons Plumbing', 'NETGEAR R7000 review', 'Plex Dental Care', 'City of Cisco, Texas'].map(title),
    '220 sendmail.test.example ESMTP\r\n',
    '220 vsftpd.test.example FTP ready\r\n',
    '+OK courier.test.example ready\r\n',
    '* OK IMAP4rev1 mail server zimbra.test.example ready\r\n',
    '220 This is not the Microsoft FTP Service you are looking for\r\n',
    '220 Apache mirror service ready\r\n',
    'SSH-2.0-hidden\r\n',
    'SIP/2.0 200 OK\r\nCSeq: 1 OPTIONS\r\nUser-Agent: unknown\r\n\r\n',
    ...[
      'ACME FTP',
      'The Big Company FTP',
      'Internal use only',
      'PROD-FTP-01',
      'SRV01 FTP server ready.',
      'Company Name',
    ].map((text) => `220 ${text}\r\n`),
    '220 mail.test.example ESMTP ACME\r\n',
    '220 mail.test.example ACME Mail Server\r\n',
    '+OK ACME POP3\r\n',
    '* OK ACME IMAP\r\n',
    '* BYE Connection refused\r\n',
    '421 mail.test.example Service not available\r\n',
    '220 Willkommen auf dem FTP-Server der Firma Muster\r\n',
    '220-Your IP is 192.0.2.10 (v4)\r\n220 go ahead\r\n',
    '220 mail.test.example ESMTP - TLS 1.2 required\r\n',
    '* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] mail.test.example ready 2001:db8::1\r\n',
  ]
  for (const text of texts) {
    const found = identify({ transport: 'tcp', data: new Uint8Array(Buffer.from(text)) })
    expect({ text, product: found?.product ?? null, version: found?.version ?? null }).toEqual({
      text,
      product: null,
      version: null,
    })
  }
})
