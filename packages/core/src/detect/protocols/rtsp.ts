/**
 * RTSP (RFC 2326 section 6; OPTIONS, section 10.1):
 *
 *   response => "RTSP/1.0" SP 3DIGIT SP reason CRLF *(header CRLF) CRLF
 */
import { latin1 } from '#core/wire/reader.ts'
import { createMatcher } from '../fingerprint.ts'
import { RTSP_SERVERS } from '../fingerprints/rtsp-servers.data.ts'
import { nameAndVersion } from '../name-version.ts'
import { isNobody } from '../nobody.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { slashVersion } from '../version.ts'

export const rtsp: Protocol = {
  name: 'rtsp',
  transport: 'tcp',
  ports: [554, 8554, 7070, 5554, 322],
  opens: 'client',
  recognise,
  identify,
}

/** Headers are read up to here. */
const HEAD_CAP = 8192
const known = createMatcher(RTSP_SERVERS)

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, HEAD_CAP))
  const status = /^RTSP\/\d\.\d (\d{3})/.exec(text)
  if (status === null) return null
  const header = (name: RegExp) => clean(name.exec(text)?.[1] ?? '') || null
  const server = header(/^Server *: *(.+)$/im) ?? header(/^User-Agent *: *(.+)$/im)
  const realm = header(/^WWW-Authenticate *: *\w+ realm="([^"\r\n]{1,200})"/im)
  const methods = header(/^Public *: *(.+)$/im)
  const facts = {
    status: Number(status[1]),
    ...(server && { server }),
    ...(realm && { realm }),
    ...(methods && { methods }),
  }
  const told =
    (server === null ? null : (known(server) ?? general(server))) ?? (realm === null ? null : known(realm)) ?? {}
  // Every answer repeats the CSeq (section 12.17); web servers that echo whatever protocol they are asked in do not.
  const echoed = !/^(?:CSeq|Server|Public|WWW-Authenticate) *:/im.test(text)
  return service('rtsp', {
    info: realm === null ? null : `realm ${realm}`,
    ...told,
    ...(echoed ? { confidence: 0.5 } : {}),
    facts,
  })
}

function general(server: string): Partial<Service> {
  const { name, version } = nameAndVersion(server, slashVersion)
  return { product: isNobody(name) ? null : name, version, confidence: 0.95 }
}

async function identify(session: Session): Promise<Service | null> {
  const host = session.hostname ?? session.address
  const url = `rtsp://${host.includes(':') ? `[${host}]` : host}:${session.port}/`
  await session.write(Buffer.from(`OPTIONS ${url} RTSP/1.0\r\nCSeq: 1\r\nUser-Agent: portolan\r\n\r\n`))
  return recognise(await session.readUntil((soFar) => latin1(soFar).includes('\r\n\r\n')))
}
