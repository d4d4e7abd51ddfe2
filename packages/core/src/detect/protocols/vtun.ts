/** VTun (vtund(8), auth.c): greeting => "VTUN server ver " version SP date LF, padded with NUL to 50 bytes. */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'
import { versionToken } from '../version.ts'

export const vtun: Protocol = { name: 'vtun', transport: 'tcp', ports: [5000], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const told = /^VTUN server ver (\S{1,20})(?: \S{1,20})?$/.exec(firstLine(bytes))?.[1]
  if (told === undefined) return null
  // Builds name their branch (`3.X`), which is no version.
  return service('vtun', {
    product: 'VTun',
    vendor: 'VTun',
    version: /^[\d.]+$/.test(told) ? versionToken(told) : null,
  })
}
