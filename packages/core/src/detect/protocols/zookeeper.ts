/**
 * Apache ZooKeeper's four-letter words (ZooKeeper administrator's guide, "The Four Letter Words"):
 *
 *   "srvr" => "Zookeeper version: " version "-" revision ", built on " date LF, latencies, connections, "Mode: " mode
 *
 * The word is allowed by default; a server that forbids it says so in a sentence of its own.
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const ANSWER_CAP = 2048

export const zookeeper: Protocol = {
  name: 'zookeeper',
  transport: 'tcp',
  ports: [2181],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, ANSWER_CAP))
  const version = /^Zookeeper version: (\d[\w.]{0,30})/.exec(text)?.[1] ?? null
  const forbidden = /^\w{4} is not executed because it is not in the whitelist\./.test(text)
  const starting = text.startsWith('This ZooKeeper instance is not currently serving requests')
  if (version === null && !forbidden && !starting) return null
  const mode = /^Mode: (\w{1,20})$/m.exec(text)?.[1]
  return service('zookeeper', {
    product: 'Apache ZooKeeper',
    vendor: 'Apache',
    version,
    info: mode ?? null,
    cpe: [cpe('a', 'apache', 'zookeeper', version)],
    facts: mode ? { mode } : {},
  })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from('srvr'))
  return recognise(
    await session.readUntil((soFar) => /\nNode count: \d+\n|whitelist\.|requests\n?$/.test(latin1(soFar))),
  )
}
