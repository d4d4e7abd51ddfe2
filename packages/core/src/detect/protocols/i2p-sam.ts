/**
 * SAM, how applications talk to an I2P router (https://geti2p.net/en/docs/api/samv3):
 *
 *   "HELLO VERSION MIN=3.0" LF  is answered by  "HELLO REPLY RESULT=OK VERSION=3.1" LF
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { firstLine } from '../text.ts'

export const i2pSam: Protocol = {
  name: 'i2p-sam',
  transport: 'tcp',
  ports: [7656],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const [, result, version] = /^HELLO REPLY RESULT=([A-Z0-9_]{2,20})(?: VERSION=(\d\.\d))?/.exec(firstLine(bytes)) ?? []
  if (result === undefined) return null
  return service('i2p-sam', { product: 'I2P router', info: version === undefined ? null : `SAM ${version}` })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('HELLO VERSION MIN=3.0 MAX=3.3\n'))
  return recognise(await session.readUntil((soFar) => soFar.includes(10)))
}
