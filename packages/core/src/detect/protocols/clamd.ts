/**
 * ClamAV's clamd (clamd(8), "COMMANDS"):
 *
 *   request  => "nVERSION" LF
 *   response => "ClamAV " version ["/" signatures "/" date] LF
 */
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, firstLine } from '../text.ts'

export const clamd: Protocol = { name: 'clamd', transport: 'tcp', ports: [3310], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const line = firstLine(bytes)
  if (/^UNKNOWN COMMAND$/.test(line)) return service('clamd', { product: 'ClamAV', vendor: 'ClamAV', confidence: 0.7 })
  const found = /^ClamAV (\d[\w.-]{0,30})(?:\/(\d{1,8}\/[^\r\n]{0,40}))?$/.exec(line)
  if (found === null) return null
  const version = found[1] ?? null
  const info = found[2] === undefined ? null : `signatures ${clean(found[2])}`
  return service('clamd', {
    product: 'ClamAV',
    vendor: 'ClamAV',
    version,
    info,
    cpe: [cpe('a', 'clamav', 'clamav', version)],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('nVERSION\n'))
  return recognise(await session.readUntil((soFar) => soFar.at(-1) === 10 || soFar.at(-1) === 0))
}
