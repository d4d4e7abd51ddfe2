/**
 * WS-Management (DSP0226), by which Windows is managed from afar: SOAP over HTTP at `/wsman`.
 *
 *   Identify (section 11), with the header `WSMANIDENTIFY: unauthenticated`
 *     => IdentifyResponse with ProtocolVersion, ProductVendor, ProductVersion
 *   without credentials
 *     => 401 with `WWW-Authenticate: Negotiate`, or a realm that names the product
 *   Authorization: Negotiate, an NTLM negotiate message in base64 ([MS-NTHT] section 2.2.2)
 *     => 401 with the NTLM challenge, which names the machine and the build of its Windows
 */
import { findNtlmChallenge, ntlmNegotiate } from '#core/wire/ntlm.ts'
import { bodyText, type HttpResponse, header, headerAll, parseHttp } from '../http-message.ts'
import { ask } from '../http-request.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'
import { windowsHost } from '../windows.ts'

export const winrm: Protocol = {
  name: 'winrm',
  transport: 'tcp',
  ports: [5985, 5986, 47001],
  opens: 'client',
  recognise,
  identify,
}

const SOAP = 'http://www.w3.org/2003/05/soap-envelope'
const IDENTITY = 'http://schemas.dmtf.org/wbem/wsman/identity/1/wsmanidentity.xsd'
const IDENTIFY = `<s:Envelope xmlns:s="${SOAP}" xmlns:i="${IDENTITY}"><s:Header/><s:Body><i:Identify/></s:Body></s:Envelope>`
const ASK = { method: 'POST', path: '/wsman', type: 'application/soap+xml;charset=UTF-8' } as const
/** A challenge is about 400 bytes in base64. */
const TOKEN = /^Negotiate ([A-Za-z0-9+/=]{16,4096})$/i

function recognise(bytes: Uint8Array): Service | null {
  const response = parseHttp(bytes)
  return response && (fromIdentity(response) ?? fromChallenge(response))
}

/** `identity/1/wsmanidentity.xsd` is nobody else's namespace. */
function fromIdentity(response: HttpResponse): Service | null {
  const text = bodyText(response)
  if (!text.includes('IdentifyResponse') || !text.includes(IDENTITY)) return null
  const told = (name: string) =>
    cleanOrNull(new RegExp(`<(?:\\w{1,20}:)?${name}>([^<]{1,128})<`).exec(text)?.[1] ?? null, 128)
  const [vendor, version] = [told('ProductVendor'), told('ProductVersion')]
  // "OS: 10.0.17763 SP: 0.0 Stack: 3.0"; zeros to strangers.
  const stack = /\bStack: (\d[\d.]*)/.exec(version ?? '')?.[1]
  const microsoft = vendor?.startsWith('Microsoft') === true
  return service('wsman', {
    product: microsoft ? 'Microsoft WinRM' : /openwsman/i.test(vendor ?? '') ? 'Openwsman' : vendor,
    vendor: microsoft ? 'Microsoft' : vendor,
    version: stack ?? version,
    os: microsoft ? 'Windows' : null,
    info: told('ProtocolVersion'),
  })
}

/** Only HTTP.sys answers so in its own name; a web server with NTLM names itself. */
function fromChallenge(response: HttpResponse): Service | null {
  if (response.status !== 401 || !/^Microsoft-HTTPAPI/.test(header(response, 'server') ?? '')) return null
  const token = headerAll(response, 'www-authenticate').map((value) => TOKEN.exec(value)?.[1])
  const challenge = token.map((text) => (text ? findNtlmChallenge(Buffer.from(text, 'base64')) : null)).find(Boolean)
  if (!challenge) return null
  const host = windowsHost(challenge)
  return service('wsman', { product: 'Microsoft WinRM', vendor: 'Microsoft', ...host, os: host.os ?? 'Windows' })
}

/** Two questions, each on a connection of its own when the server closes: what it is, and on which machine. */
async function identify(session: Session): Promise<Service | null> {
  const identity = await answerTo(session, IDENTIFY, 'WSMANIDENTIFY: unauthenticated')
  const what = identity && fromIdentity(identity)
  if (identity === null || (what === null && identity.status !== 401)) return null
  await session.reopen()
  const negotiate = Buffer.from(ntlmNegotiate()).toString('base64')
  const challenge = await answerTo(session, '', `Authorization: Negotiate ${negotiate}`)
  const where = challenge && fromChallenge(challenge)
  if (what === null || where === null) return what ?? where
  return { ...where, ...what, os: where.os, hostname: where.hostname, cpe: where.cpe, facts: where.facts }
}

const answerTo = async (session: Session, body: string, line: string): Promise<HttpResponse | null> =>
  parseHttp(await ask(session, { ...ASK, body }, [line]))
