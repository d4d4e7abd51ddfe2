/**
 * apcupsd's network information server (apcupsd manual, "NIS Network Server Protocol"):
 *
 *   message = length(2) text         length 0 ends an answer
 *   status  => ("NAME     : value" LF)* , VERSION among them: `3.14.14 (31 May 2016) debian`
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import { operatingSystem } from '../operating-system.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

/** A report has some 50 lines of at most 80 bytes. */
const LINES_CAP = 200

export const apcupsd: Protocol = {
  name: 'apcupsd',
  transport: 'tcp',
  ports: [3551],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const report = parseApcupsd(bytes)
  if (!report?.has('APC')) return null
  const [version = null] = (report.get('VERSION') ?? '').split(' ', 1)
  const os = operatingSystem(report.get('VERSION') ?? '')
  const cpes = [cpe('a', 'apcupsd', 'apcupsd', version), ...(os?.cpe ?? [])]
  const facts = Object.fromEntries(
    ['UPSNAME', 'MODEL', 'STATUS', 'CABLE', 'DRIVER'].flatMap((k) => (report.has(k) ? [[k, report.get(k)!]] : [])),
  )
  const hostname = cleanOrNull(report.get('HOSTNAME'))
  return service('apcupsd', {
    product: 'apcupsd',
    version: version || null,
    hostname,
    os: os?.name ?? null,
    cpe: cpes,
    device: 'power-device',
    facts,
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(new Writer().u16(6).latin1('status').finish())
  return recognise(await session.readUntil((soFar) => soFar.length > 2 && soFar.at(-1) === 0 && soFar.at(-2) === 0))
}

/** The lines of a report by name; null when the first is none. */
export function parseApcupsd(bytes: Uint8Array): ReadonlyMap<string, string> | null {
  const report = new Map<string, string>()
  const reader = new Reader(bytes)
  while (report.size < LINES_CAP) {
    const line = orNull(() => latin1(reader.take(reader.u16(), 256)))
    const [, name, value] = /^([A-Z][A-Z ]{0,8}?) *: ?(.*)\n$/.exec(line ?? '') ?? []
    if (name === undefined || value === undefined) break
    report.set(name, clean(value))
  }
  return report.size > 0 ? report : null
}
