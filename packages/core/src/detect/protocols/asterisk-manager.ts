/** Asterisk Manager Interface (Asterisk documentation, "AMI v2 Specification"): "Asterisk Call Manager/" version CR LF. */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const asteriskManager: Protocol = {
  name: 'asterisk-manager',
  transport: 'tcp',
  ports: [5038, 5039],
  opens: 'server',
  recognise,
}

/** The version is the interface's own, not the server's, so it is no version of Asterisk. */
function recognise(bytes: Uint8Array): Service | null {
  const found = /^Asterisk Call Manager(?: Proxy)?\/(\d[\w.]{0,20})$/.exec(firstLine(bytes))
  if (!found?.[1]) return null
  return service('asterisk', {
    product: 'Asterisk Call Manager',
    vendor: 'Asterisk',
    version: found[1],
    info: `interface version ${found[1]}`,
  })
}
