/** Xymon (xymon(1)): `ping` and the end of the question => `xymond ` version LF. Nothing is answered before that end. */
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'
import { versionToken } from '../version.ts'

export const xymon: Protocol = { name: 'xymon', transport: 'tcp', ports: [1984], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const told = /^(xymond|hobbitd) (\d[\w.-]{0,30})$/.exec(firstLine(bytes))
  if (told === null) return null
  const product = told[1] === 'xymond' ? 'Xymon' : 'Hobbit'
  const version = versionToken(told[2] ?? '')
  return service('xymon', { product, vendor: 'Xymon', version, cpe: [cpe('a', 'xymon', 'xymon', version)] })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('ping\n'))
  session.finish()
  return recognise(await session.readUntil((soFar) => soFar.includes(10)))
}
