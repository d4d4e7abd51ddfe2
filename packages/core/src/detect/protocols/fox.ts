/**
 * Niagara Fox, the Tridium building automation protocol (text frames as the stations write them):
 *
 *   frame = "fox " kind " " sequence " " reply-to " fox " verb LF "{" LF (name "=" type ":" value LF)* "};;" LF
 *   hello => the station's own hello: fox.version, hostName, app.name, app.version, vm.name, os.name, brandId, ...
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull, startsWith } from '../text.ts'

const HELLO = 'fox a 1 -1 fox hello\n{\nfox.version=s:1.0\nid=i:1\n};;\n'
const FRAME_CAP = 4096
const FACTS = [
  'fox.version',
  'app.name',
  'vm.name',
  'vm.version',
  'os.name',
  'os.version',
  'brandId',
  'hostAddress',
  'station.name',
]

export const fox: Protocol = {
  name: 'fox',
  transport: 'tcp',
  ports: [1911, 4911],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const values = parseFox(bytes)
  if (!values) return null
  const version = cleanOrNull(values.get('app.version'), 40)
  const facts = Object.fromEntries(
    FACTS.flatMap((name) => (values.has(name) ? [[name, clean(values.get(name)!, 80)]] : [])),
  )
  return service('niagara-fox', {
    product: 'Tridium Niagara',
    vendor: 'Tridium',
    version,
    os: cleanOrNull(values.get('os.name'), 40),
    device: 'building-automation',
    hostname: cleanOrNull(values.get('hostName')),
    info: cleanOrNull(values.get('brandId')),
    cpe: [cpe('a', 'tridium', 'niagara', version)],
    facts,
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(HELLO))
  return recognise(await session.readUntil((soFar) => latin1(soFar).includes('};;')))
}

export function parseFox(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  if (!startsWith(bytes, 'fox a ')) return null
  const text = latin1(bytes.subarray(0, FRAME_CAP))
  if (!/^fox a -?\d{1,9} -?\d{1,9} fox hello\n\{\n/.test(text)) return null
  const values = new Map(
    [...text.matchAll(/^([\w.]{1,40})=[a-z]:(.{0,200})$/gm)].map(([, name = '', value = '']) => [name, value]),
  )
  return values.size > 0 ? values : null
}
