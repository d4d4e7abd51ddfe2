/**
 * Tarantool (Tarantool manual, "Binary protocol"), a greeting of 128 bytes in two lines of 64:
 *
 *   greeting => "Tarantool " version " (" protocol ") " instance-uuid padding LF, base64 salt padding LF
 *
 * The console of the same server opens with "Tarantool " version " (Lua console)" LF.
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'
import { upstream } from '../version.ts'

export const tarantool: Protocol = { name: 'tarantool', transport: 'tcp', ports: [3301], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const found = /^Tarantool (\d[\w.+~-]{0,40}) \((Binary|Lua console|Console)\)(?: ([0-9a-f-]{36}))?/.exec(
    firstLine(bytes),
  )
  if (!found?.[1]) return null
  // `2.6.0-0-g47aa4e01e`: distance from the tag, and the commit.
  const version = upstream(found[1]).replace(/-\d+-g[0-9a-f]{6,12}$/, '')
  const facts = found[3] ? { instance: found[3] } : {}
  return service('tarantool', {
    product: 'Tarantool',
    vendor: 'Tarantool',
    version,
    info: found[2] ?? null,
    cpe: [cpe('a', 'tarantool', 'tarantool', version)],
    facts,
  })
}
