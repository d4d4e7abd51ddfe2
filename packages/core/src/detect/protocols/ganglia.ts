/**
 * Ganglia's gmond and gmetad write their whole state as XML to whoever connects:
 *
 *   <?xml ...?> <!DOCTYPE GANGLIA_XML [...]> <GANGLIA_XML VERSION="3.7.2" SOURCE="gmond">
 *
 * The document type alone is 3 KiB, so the version comes late.
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const ganglia: Protocol = {
  name: 'ganglia',
  transport: 'tcp',
  ports: [8649, 8651, 8652],
  opens: 'server',
  recognise,
  identify,
}

const ROOT = /<GANGLIA_XML VERSION="([\w.-]{1,40})" SOURCE="(\w{1,20})"/

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 16_384))
  if (!/^<\?xml [^>]{0,100}\?>\s*<!DOCTYPE GANGLIA_XML \[/.test(text)) return null
  const [, version = null, source = null] = ROOT.exec(text) ?? []
  return service('ganglia', {
    product: source === null ? 'Ganglia' : `Ganglia ${source}`,
    vendor: 'Ganglia',
    version,
    cpe: [cpe('a', 'ganglia', 'ganglia', version)],
  })
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const known = recognise(greeting)
  if (known === null || known.version !== null) return known
  const rest = await session.readUntil((soFar) => ROOT.test(latin1(soFar)))
  return recognise(Buffer.concat([greeting, rest])) ?? known
}
