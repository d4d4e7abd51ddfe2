/** nuttcp (nuttcp.c): to words it does not know, `KO` LF, `nuttcp-t: v` version `: error ` text. */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { lines } from '../text.ts'
import { versionToken } from '../version.ts'

export const nuttcp: Protocol = { name: 'nuttcp', transport: 'tcp', ports: [5000], opens: 'client', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const told = lines(bytes, 2)
  const version = /^nuttcp-[rt]: v(\d[\w.]{0,20}): /.exec(told[1] ?? '')?.[1]
  if (told[0] !== 'KO' || version === undefined) return null
  return service('nuttcp', { product: 'nuttcp', version: versionToken(version) })
}
