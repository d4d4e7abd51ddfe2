/**
 * Gopher (RFC 1436 section 3.8), the answer to an empty selector:
 *
 *   menu => *(type display TAB selector TAB host TAB port CRLF) ["." CRLF]
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const gopher: Protocol = { name: 'gopher', transport: 'tcp', ports: [70], opens: 'client', recognise, identify }

/** A menu line: item type (section 3.8 and the common extensions), four fields. */
const ITEM = /^[0-9+TgIihs;dM:<PX][^\t\r\n]{0,400}\t[^\t\r\n]{0,400}\t[^\t\r\n]{1,255}\t\d{1,5}\t?\+?\r?$/

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 16_384))
  const software =
    /(?:Gophered by|Server:?|powered by) (Gophernicus|PyGopherd|Bucktooth|geomyidae|Motsognir)\/?v?([\w.]*)/i.exec(text)
  const lines = text.split('\n')
  const items = lines.slice(0, 20).filter((line) => ITEM.test(line)).length
  if (software === null && (items === 0 || items < Math.min(lines.length - 2, 20) / 2)) return null
  const [, product = null, version = ''] = software ?? []
  // How PyGopherd says that it has no such thing.
  if (product === null && /\(no handler found\)\t\terror\.host\t1\b/.test(text))
    return service('gopher', { product: 'PyGopherd' })
  if (product === null) return service('gopher', { confidence: 0.9 })
  return service('gopher', { product, version: clean(version) || null, cpe: [cpe('a', product, product, version)] })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('\r\n'))
  return recognise(await session.readUntil((soFar) => /\r\n\.\r\n$/.test(latin1(soFar.subarray(-5)))))
}
