/**
 * ICAP, content adaptation for proxies (RFC 3507 sections 4.3.3 and 4.10):
 *
 *   request  => "OPTIONS" SP "icap://" host "/" service SP "ICAP/1.0" CRLF "Host:" ... CRLF CRLF
 *   response => "ICAP/1.0" SP 3DIGIT SP reason CRLF *(header CRLF) CRLF      `Server`, `Service`, `ISTag`
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import { nameAndVersion } from '../name-version.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const icap: Protocol = {
  name: 'icap',
  transport: 'tcp',
  ports: [1344, 11344],
  opens: 'client',
  recognise,
  identify,
}

/** Headers are read up to here. */
const HEAD_CAP = 4096
const SPELLED: Readonly<Record<string, readonly [vendor: string, product: string]>> = {
  'C-ICAP': ['c-icap_project', 'c-icap'],
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, HEAD_CAP))
  const status = /^ICAP\/1\.\d (\d{3})[ \r\n]/.exec(text)?.[1]
  if (status === undefined) return null
  const header = (name: RegExp) => clean(name.exec(text)?.[1] ?? '', 128) || null
  const software = header(/^Server *: *(.+)$/im) ?? header(/^Service *: *(.+)$/im)
  const { name, version } = software === null ? { name: '', version: null } : nameAndVersion(software)
  const spelled = SPELLED[name]
  const facts = { status: Number(status), istag: header(/^ISTag *: *(.+)$/im) }
  const id = spelled === undefined ? [] : [cpe('a', ...spelled, version)]
  return service('icap', { product: name || null, version, cpe: id, facts })
}

async function identify(session: Session): Promise<Service | null> {
  const host = session.hostname ?? session.address
  const authority = `${host.includes(':') ? `[${host}]` : host}:${session.port}`
  await session.write(Buffer.from(`OPTIONS icap://${authority}/ ICAP/1.0\r\nHost: ${authority}\r\n\r\n`))
  return recognise(await session.readUntil((soFar) => latin1(soFar).includes('\r\n\r\n')))
}
