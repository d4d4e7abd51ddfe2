/**
 * Munin node (https://guide.munin-monitoring.org, "Data exchange between master and node"):
 *
 *   greeting => "# munin node at " name LF
 *   version  => "munins node on " name " version: " version LF
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull, firstLine, startsWith } from '../text.ts'
import { upstream } from '../version.ts'

const GREETING = '# munin node at '

export const munin: Protocol = { name: 'munin', transport: 'tcp', ports: [4949], opens: 'server', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  return startsWith(bytes, GREETING) ? describe(firstLine(bytes).slice(GREETING.length), null) : null
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const found = recognise(greeting)
  if (!found) return null
  await session.write(Buffer.from('version\n'))
  const answer = latin1(await session.readUntil((soFar) => soFar.includes(10)))
  const version = /^munins node on .{0,255} version: (\S{1,40})/.exec(answer)?.[1] ?? null
  return describe(found.hostname ?? '', version && upstream(version))
}

function describe(name: string, version: string | null): Service {
  const id = cpe('a', 'munin-monitoring', 'munin', version)
  return service('munin', { product: 'Munin node', vendor: 'Munin', version, hostname: cleanOrNull(name), cpe: [id] })
}
