/**
 * SQL Server Browser ([MC-SQLR] section 2.2.5):
 *
 *   response = 5(1) length(2, little-endian) text
 *   text     = (key ";" value ";")* ";" for each instance: ServerName, InstanceName, IsClustered, Version, tcp, np
 */
import { mssqlBrowser as question } from '#core/probe/udp/mssql-browser.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { ask } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { sqlServerRelease } from '../sql-server.ts'
import { clean, cleanOrNull } from '../text.ts'

const RESPONSE = 5
const INSTANCES_CAP = 16

export const mssqlBrowser: Protocol = {
  name: 'mssql-browser',
  transport: 'udp',
  ports: [1434],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const instances = parseInstances(bytes)
  const first = instances?.[0]
  if (!instances || !first) return null
  const version = first.get('Version') ?? null
  const [major = 0, minor = 0] = (version ?? '').split('.').map(Number)
  const { product, vendor, release } = sqlServerRelease(major, minor)
  const list = instances.map((i) =>
    ['InstanceName', 'Version', 'tcp'].flatMap((key) => (i.has(key) ? [`${key} ${i.get(key)}`] : [])).join(', '),
  )
  return service('ms-sql-m', {
    product,
    vendor,
    version,
    os: 'Windows',
    hostname: cleanOrNull(first.get('ServerName')),
    cpe: [cpe('a', 'microsoft', 'sql_server', release)],
    facts: { instances: list },
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  return reply && recognise(reply)
}

export function parseInstances(bytes: Uint8Array): readonly ReadonlyMap<string, string>[] | null {
  const text = orNull(() => {
    const reader = new Reader(bytes)
    return reader.u8() === RESPONSE ? latin1(reader.take(reader.u16le())) : null
  })
  if (!text?.startsWith('ServerName;')) return null
  return text
    .split(';;', INSTANCES_CAP)
    .filter(Boolean)
    .map((instance) => {
      const words = instance.split(';', 32)
      return new Map(words.flatMap((key, i) => (i % 2 === 0 ? [[key, clean(words[i + 1] ?? '', 100)] as const] : [])))
    })
}
