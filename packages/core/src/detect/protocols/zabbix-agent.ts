/**
 * Zabbix agent, passive checks (Zabbix manual, "Header and data length"):
 *
 *   message = "ZBXD" flags(1) length(4) reserved(4) data      little-endian; flags: 1 protocol, 2 compressed, 4 large
 *   "agent.version" => the version
 *
 * An agent answers the servers in its list and hangs up on others.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const MAGIC = 'ZBXD'
const QUESTION = 'agent.version'
const DATA_CAP = 4096

export const zabbixAgent: Protocol = {
  name: 'zabbix-agent',
  transport: 'tcp',
  ports: [10050],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = parseZabbix(bytes)
  if (text === null) return null
  const version = /^\d+\.\d+\.\w{1,20}$/.exec(text)?.[0] ?? null
  const isServer = /^\{"response":/.test(text)
  return service(isServer ? 'zabbix-trapper' : 'zabbix-agent', {
    product: isServer ? 'Zabbix server' : 'Zabbix agent',
    vendor: 'Zabbix',
    version,
    cpe: [cpe('a', 'zabbix', isServer ? 'zabbix_server' : 'zabbix_agent', version)],
    info: version === null ? text || null : null,
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(new Writer().latin1(MAGIC).u8(1).u32le(QUESTION.length).u32(0).latin1(QUESTION).finish())
  return recognise(await session.readUntil((soFar) => parseZabbix(soFar) !== null))
}

export function parseZabbix(bytes: Uint8Array): string | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.latin1(4) !== MAGIC || (reader.u8() & ~4) !== 1) return null
    const length = reader.u32le()
    reader.skip(4)
    return clean(latin1(reader.take(length, DATA_CAP)).replaceAll('\0', ' '))
  })
}
