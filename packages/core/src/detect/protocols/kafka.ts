/**
 * Apache Kafka (https://kafka.apache.org/protocol):
 *
 *   request  = length(4) api(2) version(2) correlation(4) client(string) body       string: length(2) bytes
 *   response = length(4) correlation(4) body
 *   ApiVersions (18) v0 => error(2) count(4) (api(2) minimum(2) maximum(2))*
 *   Metadata (3) v2     => brokers count(4) (node(4) host port(4) rack)* cluster(string) controller(4) ...
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [API_VERSIONS, METADATA, FETCH] = [18, 3, 1]
/** Some 70 exist. */
const APIS_CAP = 256
const BROKERS_CAP = 32
const RESPONSE_CAP = 65_536
/** The release that introduced each version of Fetch: a lower bound, since the broker tells no version. */
const RELEASES: readonly (readonly [fetch: number, release: string])[] = [
  [17, '3.9'],
  [16, '3.7'],
  [15, '3.5'],
  [13, '3.1'],
  [12, '2.7'],
  [11, '2.3'],
  [10, '2.1'],
  [8, '2.0'],
  [6, '1.0'],
  [5, '0.11'],
  [3, '0.10.1'],
  [2, '0.10.0'],
]

export const kafka: Protocol = {
  name: 'kafka',
  transport: 'tcp',
  ports: [9092, 9093, 9094],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const response = parseKafka(bytes)
  const apis = response && parseApis(response.body)
  return apis && describe(apis, null)
}

async function identify(session: Session): Promise<Service | null> {
  const id = session.token & 0x7fffffff
  const first = await ask(session, id, new Writer().u16(API_VERSIONS).u16(0))
  const apis = first && parseApis(first)
  if (!apis) return null
  // No topics: an empty list asks for none.
  const second = await attempt(() => ask(session, id + 1, new Writer().u16(METADATA).u16(2), new Writer().u32(0)))
  return describe(apis, second && parseMetadata(second))
}

async function ask(session: Session, id: number, head: Writer, body = new Writer()): Promise<Uint8Array | null> {
  const client = session.client.name.slice(0, 60)
  const message = head.u32(id).u16(client.length).latin1(client).bytes(body.finish())
  await session.write(new Writer().u32(message.length).bytes(message.finish()).finish())
  const response = await understood(session, parseKafka)
  return response?.correlation === id ? response.body : null
}

function parseKafka(bytes: Uint8Array): { readonly correlation: number; readonly body: Uint8Array } | null {
  return orNull(() => {
    const outer = new Reader(bytes)
    const reader = new Reader(outer.take(outer.u32(), RESPONSE_CAP))
    return { correlation: reader.u32(), body: reader.rest() }
  })
}

/** The version ranges by api; ApiVersions itself must be among them, and everything must add up. */
export function parseApis(body: Uint8Array): ReadonlyMap<number, number> | null {
  return orNull(() => {
    const reader = new Reader(body)
    const error = reader.u16()
    const count = reader.u32()
    if (error !== 0 || count === 0 || count > APIS_CAP) return null
    const apis = new Map<number, number>()
    for (let i = 0; i < count; i++) {
      const [api, minimum, maximum] = [reader.u16(), reader.u16(), reader.u16()]
      if (minimum > maximum || maximum > 100) return null
      apis.set(api, maximum)
    }
    return apis.has(API_VERSIONS) && reader.remaining === 0 ? apis : null
  })
}

function parseMetadata(
  body: Uint8Array,
): { readonly brokers: readonly string[]; readonly cluster: string | null } | null {
  return orNull(() => {
    const reader = new Reader(body)
    const text = () => {
      const length = reader.u16()
      return length === 0xffff ? null : clean(latin1(reader.take(length, 256)))
    }
    const brokers: string[] = []
    for (let left = Math.min(reader.u32(), BROKERS_CAP); left > 0; left--) {
      reader.skip(4)
      const host = text()
      brokers.push(`${host}:${reader.u32()}`)
      text()
    }
    return { brokers, cluster: text() }
  })
}

function describe(apis: ReadonlyMap<number, number>, metadata: ReturnType<typeof parseMetadata>): Service {
  const fetch = apis.get(FETCH) ?? 0
  const release = RELEASES.find(([introduced]) => fetch >= introduced)?.[1]
  return service('kafka', {
    product: 'Apache Kafka',
    vendor: 'Apache',
    info: release ? `release ${release} or later` : null,
    cpe: [cpe('a', 'apache', 'kafka')],
    facts: {
      apis: apis.size,
      fetchVersion: fetch,
      ...(metadata ? { brokers: metadata.brokers } : {}),
      ...(metadata?.cluster ? { cluster: metadata.cluster } : {}),
    },
  })
}
