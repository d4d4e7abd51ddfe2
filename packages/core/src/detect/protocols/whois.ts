/**
 * WHOIS (RFC 3912): a line is asked, text is answered and the connection closed. What the text looks like is left open;
 * registries write comments after `%` or `#`, RPSL attributes (RFC 2622), or `Key: value`.
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const whois: Protocol = {
  name: 'whois',
  transport: 'tcp',
  ports: [43, 4343],
  opens: 'client',
  insideTls: 'never',
  recognise,
  identify,
}

/** The first lines say enough. */
const HEAD_CAP = 2048
const SELF = /^[%#*>=\-\s]{0,8}[^\n]{0,120}\b(?:whois|RPSL|RIPE Database|WHOIS data|RADB|IRRd)\b/im
const EMPTY = /^(?:[%#] ?)?(?:No (?:match|entries|data|object|results?) (?:for|found)|%ERROR:\d{3}: )/im
const RECORD = /^(?:inetnum|NetRange|domain(?: name)?|Domain Name|refer|route|aut-num): +\S/im

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, HEAD_CAP))
  if (!/^[\t\r\n -~\x80-\xff]{8,}$/.test(text) || /^(?:HTTP|<|\{|220|\* |\+OK)/.test(text)) return null
  const witnesses = [SELF, EMPTY, RECORD].filter((pattern) => pattern.test(text)).length
  if (witnesses === 0 || (witnesses === 1 && !/^[%#]/.test(text))) return null
  return service('whois', { product: software(text), confidence: 0.8 })
}

function software(text: string): string | null {
  if (/RIPE Database/.test(text)) return 'RIPE whois'
  return /\bIRRd\b/i.test(text) ? 'IRRd' : null
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('portolan.invalid\r\n'))
  return recognise(await session.readUntil(() => false))
}
