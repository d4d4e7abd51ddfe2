/**
 * NetBIOS name service, node status response (RFC 1002 section 4.2.18):
 *
 *   header(12) name(34) type(2)=0x21 class(2)=1 ttl(4) length(2) count(1) (name(15) suffix(1) flags(2))* statistics
 *
 * The statistics begin with the adapter's address; Samba has none and sends zeros.
 */
import { netbiosNs as question } from '#core/probe/udp/netbios-ns.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [RESPONSE, NBSTAT, GROUP] = [0x8000, 0x21, 0x8000]
const NAMES_CAP = 64
/** Suffixes of the names (Microsoft KB 163409). */
const [WORKSTATION, FILE_SERVER, DOMAIN_CONTROLLER, MASTER_BROWSER] = [0x00, 0x20, 0x1c, 0x1b]

export const netbiosNs: Protocol = {
  name: 'netbios-ns',
  transport: 'udp',
  ports: [137],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const status = parseNodeStatus(bytes)
  if (!status) return null
  const unique = status.names.filter((entry) => !entry.group)
  const hostname = unique.find((entry) => entry.suffix === WORKSTATION)?.name ?? unique[0]?.name ?? null
  const domain = status.names.find((entry) => entry.group && entry.suffix === WORKSTATION)?.name ?? null
  const has = (suffix: number) => status.names.some((entry) => entry.suffix === suffix)
  const roles = [
    has(FILE_SERVER) && 'file server',
    has(DOMAIN_CONTROLLER) && 'domain controller',
    has(MASTER_BROWSER) && 'domain master browser',
  ]
  const samba = status.address === '00:00:00:00:00:00' || status.names.some((entry) => entry.name === '__SAMBA__')
  return service('netbios-ns', {
    ...(samba
      ? { product: 'Samba nmbd', vendor: 'Samba', cpe: [cpe('a', 'samba', 'samba')] }
      : { product: 'Microsoft Windows NetBIOS', vendor: 'Microsoft', os: 'Windows', confidence: 0.8 }),
    hostname,
    info: domain === null ? null : `workgroup ${domain}`,
    facts: {
      names: status.names.map(
        ({ name, suffix, group }) => `${name}<${suffix.toString(16).padStart(2, '0')}>${group ? ' group' : ''}`,
      ),
      roles: roles.filter((role) => role !== false),
      ...(samba ? {} : { address: status.address }),
    },
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}

export interface NodeStatus {
  readonly names: readonly { readonly name: string; readonly suffix: number; readonly group: boolean }[]
  readonly address: string
}

export function parseNodeStatus(bytes: Uint8Array): NodeStatus | null {
  return orNull(() => {
    const reader = new Reader(bytes, 2)
    if (!(reader.u16() & RESPONSE) || reader.u16() !== 0 || reader.u16() !== 1) return null
    reader.skip(4)
    if (reader.u8() !== 32 || !/^[A-P]{32}$/.test(reader.latin1(32)) || reader.u8() !== 0) return null
    if (reader.u16() !== NBSTAT || reader.u16() !== 1) return null
    reader.skip(6)
    const count = Math.min(reader.u8(), NAMES_CAP)
    const names = Array.from({ length: count }, () => {
      const name = clean(latin1(reader.take(15)).trimEnd())
      return { name, suffix: reader.u8(), group: (reader.u16() & GROUP) !== 0 }
    })
    return {
      names,
      address: Buffer.from(reader.take(6))
        .toString('hex')
        .replace(/..(?!$)/g, '$&:'),
    }
  })
}
