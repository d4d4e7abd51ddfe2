/**
 * Unison (manual, "Socket method"): greeting => "Unison " release [" with OCaml " condition] LF. Since 2.52 the line is a fixed
 * one, for clients of before, and no longer the release.
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const unison: Protocol = { name: 'unison', transport: 'tcp', ports: [], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const [, release, condition] =
    /^Unison (\d{1,2}(?:\.\d{1,3}){1,2})( with OCaml \S.{0,20})?$/.exec(firstLine(bytes)) ?? []
  if (release === undefined) return null
  const version = condition === undefined ? release : null
  return service('unison', {
    product: 'Unison',
    version,
    info: condition === undefined ? null : `understands ${release}`,
    cpe: [cpe('a', 'upenn', 'unison', version)],
  })
}
