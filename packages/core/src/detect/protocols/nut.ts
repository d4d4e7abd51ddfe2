/**
 * Network UPS Tools (RFC 9271): `VER` LF => "Network UPS Tools upsd " version " - " address LF; `LIST UPS` LF =>
 * "BEGIN LIST UPS" LF ("UPS " name " " description LF)* "END LIST UPS" LF
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'
import { upstream } from '../version.ts'

const ANSWER_CAP = 4096

export const nut: Protocol = { name: 'nut', transport: 'tcp', ports: [3493], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, ANSWER_CAP))
  const found = /^Network UPS Tools upsd (\d[\w.+~-]{0,40})/.exec(text)
  if (!found?.[1]) return null
  const version = upstream(found[1])
  const devices = [...text.matchAll(/^UPS (\S{1,60}) "(.{0,100})"$/gm)]
    .slice(0, 16)
    .map(([, name = '', about = '']) => clean(`${name} ${about}`))
  const id = cpe('a', 'networkupstools', 'nut', version)
  return service('nut', {
    product: 'Network UPS Tools upsd',
    vendor: 'Network UPS Tools',
    version,
    cpe: [id],
    facts: { devices },
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('VER\nLIST UPS\n'))
  return recognise(await session.readUntil((soFar) => /\nEND LIST UPS|\nERR /.test(latin1(soFar))))
}
