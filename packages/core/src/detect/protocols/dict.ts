/**
 * DICT (RFC 2229 section 3.1):
 *
 *   greeting => "220" SP text SP "<" capability *("." capability) ">" SP msg-id CRLF
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'
import { versionIn } from '../version.ts'

export const dict: Protocol = { name: 'dict', transport: 'tcp', ports: [2628], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const found = /^220 ([^<\r\n]{0,400})<(?:[\w-]{1,40}(?:\.[\w-]{1,40}){0,20})?> <\S{1,200}>$/.exec(firstLine(bytes))
  if (found === null) return null
  const text = clean(found[1] ?? '')
  const dictd = /\bdictd\b/.test(text)
  const version = versionIn(text)
  return service('dict', {
    product: dictd ? 'dictd' : /GNU Dico|dicod/i.test(text) ? 'GNU Dico' : null,
    version: dictd || /dico/i.test(text) ? version : null,
    hostname: /^([\w-]+(?:\.[\w-]+)+) /.exec(text)?.[1] ?? null,
    cpe: dictd ? [cpe('a', 'dict', 'dictd', version)] : [],
  })
}
