/**
 * MongoDB wire protocol (MongoDB manual, "MongoDB Wire Protocol"), little-endian:
 *
 *   message  = length(4) id(4) response-to(4) operation(4) body
 *   OP_QUERY (2004) = flags(4) "admin.$cmd" NUL skip(4) limit(4) document      `isMaster`, understood by every version
 *   OP_REPLY (1)    = flags(4) cursor(8) from(4) count(4) document
 *   OP_MSG (2013)   = flags(4) 0(1) document                                  `buildInfo`, since 3.6
 */
import { type BsonValue, bsonCommand, readBson } from '#core/wire/bson.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

const [OP_REPLY, OP_QUERY, OP_MSG] = [1, 2004, 2013]
const MESSAGE_CAP = 262_144
/** maxWireVersion from which OP_MSG is spoken. */
const MODERN = 6
/** The release line that introduced each wire version. */
const RELEASES: readonly (readonly [wire: number, release: string])[] = [
  [25, '8.0'],
  [21, '7.0'],
  [17, '6.0'],
  [13, '5.0'],
  [9, '4.4'],
  [8, '4.2'],
  [7, '4.0'],
  [6, '3.6'],
  [5, '3.4'],
  [4, '3.2'],
  [3, '3.0'],
  [2, '2.6'],
]

type Document = Readonly<Record<string, BsonValue>>

export const mongodb: Protocol = {
  name: 'mongodb',
  transport: 'tcp',
  ports: [27017, 27018, 27019],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseMongo(bytes)
  return reply && describe(reply.document, reply.document)
}

async function identify(session: Session): Promise<Service | null> {
  const id = session.token & 0x7fffffff
  await session.write(query(id, 'isMaster'))
  const hello = await understood(session, parseMongo)
  if (hello?.responseTo !== id) return null
  const modern = Number(hello.document.maxWireVersion ?? 0) >= MODERN
  const build = await attempt(async () => {
    await session.write(modern ? message(id + 1, 'buildInfo') : query(id + 1, 'buildInfo'))
    return understood(session, parseMongo)
  })
  return describe(hello.document, build?.document ?? {})
}

function framed(id: number, operation: number, body: Uint8Array): Uint8Array {
  return new Writer()
    .u32le(16 + body.length)
    .u32le(id)
    .u32le(0)
    .u32le(operation)
    .bytes(body)
    .finish()
}

function query(id: number, command: string): Uint8Array {
  const writer = new Writer().u32le(4).latin1('admin.$cmd\0').u32le(0).u32le(0xffffffff)
  return framed(id, OP_QUERY, writer.bytes(bsonCommand({ [command]: 1 })).finish())
}

function message(id: number, command: string): Uint8Array {
  return framed(
    id,
    OP_MSG,
    new Writer()
      .u32le(0)
      .u8(0)
      .bytes(bsonCommand({ [command]: 1, $db: 'admin' }))
      .finish(),
  )
}

export interface MongoReply {
  readonly responseTo: number
  readonly document: Document
}

/** A reply with the first document in it; one without `ok` is none of a database command. */
export function parseMongo(bytes: Uint8Array): MongoReply | null {
  return orNull(() => {
    const outer = new Reader(bytes)
    const length = outer.u32le()
    const reader = new Reader(outer.take(length - 4, MESSAGE_CAP), 4)
    const responseTo = reader.u32le()
    const operation = reader.u32le()
    if (operation !== OP_REPLY && operation !== OP_MSG) return null
    // Flags, cursor, start and count; or flags and the kind of the one section.
    reader.skip(operation === OP_REPLY ? 20 : 5)
    const document = readBson(reader)
    return 'ok' in document ? { responseTo, document } : null
  })
}

function describe(hello: Document, build: Document): Service {
  const text = (value: BsonValue | undefined) => (typeof value === 'string' ? cleanOrNull(value, 60) : null)
  const wire = Number(hello.maxWireVersion ?? 0)
  const version = text(build.version)
  const line = wire > 0 ? RELEASES.find(([introduced]) => wire >= introduced)?.[1] : undefined
  const enterprise = Array.isArray(build.modules) && build.modules.includes('enterprise')
  const ferret =
    text(build.ferretdbVersion) ??
    (typeof build.ferretdb === 'object' && build.ferretdb !== null && 'version' in build.ferretdb
      ? text(build.ferretdb.version)
      : null)
  const facts = {
    ...(wire > 0 ? { wireVersion: wire } : {}),
    ...(text(hello.setName) ? { replicaSet: text(hello.setName) } : {}),
    ...(Array.isArray(hello.hosts)
      ? {
          hosts: hello.hosts
            .filter((host) => typeof host === 'string')
            .slice(0, 12)
            .map((host) => clean(host)),
        }
      : {}),
    ...(text(build.errmsg) ? { error: text(build.errmsg) } : {}),
  }
  const info = version === null && line ? `wire version ${wire}, release ${line} or later` : null
  const product = ferret
    ? {
        product: 'FerretDB',
        vendor: 'FerretDB',
        version: ferret.replace(/^v/, ''),
        cpe: [cpe('a', 'ferretdb', 'ferretdb', ferret.replace(/^v/, ''))],
      }
    : {
        product: enterprise ? 'MongoDB Enterprise' : 'MongoDB',
        vendor: 'MongoDB',
        version,
        cpe: [cpe('a', 'mongodb', 'mongodb', version)],
      }
  return service('mongodb', { ...product, info, facts })
}
