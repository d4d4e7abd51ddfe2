/**
 * MikroTik RouterOS API (MikroTik manual, "API"): sentences of words, each preceded by its length, ended by an empty one.
 *
 *   "/login" "" => "!done" ["=ret=" challenge] ""        or "!trap" "=message=" text "", "!fatal" reason ""
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const LOGIN = Buffer.from('\x06/login\0', 'latin1')

export const mikrotikApi: Protocol = {
  name: 'mikrotik-api',
  transport: 'tcp',
  ports: [8728, 8729],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 256))
  const done = /^\x05!done(?:%=ret=[0-9a-f]{32})?\0/.test(text)
  const trap = /^\x05!trap.=(?:category|message)=/s.test(text)
  if (!done && !trap && !/^\x06!fatal./s.test(text)) return null
  // Since 6.43 the first answer carries no challenge.
  const old = text.includes('=ret=')
  return service('mikrotik-api', {
    product: 'MikroTik RouterOS API',
    vendor: 'MikroTik',
    os: 'RouterOS',
    device: 'router',
    info: old ? 'RouterOS before 6.43' : null,
    cpe: [cpe('o', 'mikrotik', 'routeros')],
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(LOGIN)
  return recognise(await session.readUntil((soFar) => soFar.length > 2 && soFar.at(-1) === 0))
}
