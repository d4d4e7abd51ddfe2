/**
 * Burp backup (burp source, src/asfd.c and src/client/auth.c), inside TLS:
 *
 *   message => command(1) length(4, hexadecimal) text        c words of the protocol, e error
 *   hello   => "hello:" version of ours; "whoareyou:" version of the server
 */
import { latin1 } from '#core/wire/reader.ts'
import { understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { versionToken } from '../version.ts'

const HELLO = Buffer.from('c000bhello:2.0.0')
const WHO = /^c([0-9A-F]{4})whoareyou(?::([\w.-]{1,40}))?/
/** What it says to those who begin with anything else. */
const REFUSAL = 'e001Dunable to authorise on server'

export const burp: Protocol = {
  name: 'burp',
  transport: 'tcp',
  ports: [4971],
  opens: 'client',
  insideTls: 'only',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 100))
  const [whole, length, version] = WHO.exec(text) ?? []
  if (whole === undefined && text !== REFUSAL) return null
  if (whole !== undefined && Number.parseInt(length ?? '', 16) !== whole.length - 5) return null
  const told = version === undefined ? null : versionToken(version)
  const names = { product: 'Burp', vendor: 'Grke', cpe: [cpe('a', 'burp_project', 'burp', told)] }
  return service('burp', { ...names, version: told, confidence: whole === undefined ? 0.85 : 1 })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(HELLO)
  return understood(session, recognise)
}
