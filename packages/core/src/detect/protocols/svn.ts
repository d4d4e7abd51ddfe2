/**
 * Subversion's svnserve (libsvn_ra_svn/protocol): the server opens.
 *
 *   greeting => "( success ( " minver SP maxver " ( " mechs ") ( " capabilities ") ) ) "
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const svn: Protocol = { name: 'svn', transport: 'tcp', ports: [3690], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const found = /^\( success \( (\d) (\d) \( ([\w -]{0,100})\) \(/.exec(latin1(bytes.subarray(0, 400)))
  if (found === null) return null
  return service('svnserve', {
    product: 'Subversion',
    vendor: 'Apache',
    info: `protocol ${found[2]}`,
    cpe: [cpe('a', 'apache', 'subversion')],
  })
}
