/**
 * Network Block Device (https://github.com/NetworkBlockDevice/nbd/blob/master/doc/proto.md):
 *
 *   newstyle => "NBDMAGIC" "IHAVEOPT" flags(2)
 *   oldstyle => "NBDMAGIC" 0x00420281861253(8) size(8) flags(4) zeros(124)
 *   option   => client flags(4), "IHAVEOPT" option(4) length(4) data
 *   reply    => 0x3e889045565a9(8) option(4) type(4) length(4) data       errors have the top bit of type set, and a text
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [MAGIC, NEW_STYLE] = ['NBDMAGIC', 'IHAVEOPT']
const OLD_STYLE = 0x420281861253n
const REPLY = 0x3e889045565a9n
const [LIST, ABORT, UNKNOWN] = [3, 2, 0x50]
const [SERVER, ERROR] = [2, 0x80000000]
/** Exports named in the facts; a server may have thousands. */
const EXPORTS_CAP = 16

export const nbd: Protocol = { name: 'nbd', transport: 'tcp', ports: [10809], opens: 'server', recognise, identify }

export interface NbdGreeting {
  readonly style: 'newstyle' | 'oldstyle'
  readonly size: bigint | null
}

function recognise(bytes: Uint8Array): Service | null {
  const greeting = parseNbdGreeting(bytes)
  return greeting && describe(greeting, null)
}

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const style = parseNbdGreeting(greeting)
  if (style?.style !== 'newstyle') return style && describe(style, null)
  // Flags: fixed newstyle. The list, an option nobody has, whose refusal each server words in its own way, and farewell.
  await session.write(new Writer().u32(1).bytes(option(LIST)).bytes(option(UNKNOWN)).finish())
  const list = parseNbdReplies(await session.readUntil((soFar) => parseNbdReplies(soFar).ended))
  await attempt(() => session.write(option(ABORT)))
  return describe(style, list)
}

const option = (number: number) => new Writer().latin1(NEW_STYLE).u32(number).u32(0).finish()

function describe({ style, size }: NbdGreeting, list: NbdReplies | null): Service {
  const facts = {
    ...(size === null ? {} : { size: String(size) }),
    ...(list ? { exports: list.exports } : {}),
    ...(list?.error ? { error: list.error } : {}),
  }
  return service('nbd', { product: softwareOf(list), info: style, facts })
}

/** The text of the refusal; nbdkit refuses without one. */
function softwareOf(list: NbdReplies | null): string | null {
  if (list === null || list.refusal === null) return null
  if (/unknown to this server implementation/.test(list.refusal)) return 'nbd-server'
  if (/^Unsupported option/i.test(list.refusal)) return 'QEMU NBD server'
  return list.refusal === '' ? 'nbdkit' : null
}

export function parseNbdGreeting(bytes: Uint8Array): NbdGreeting | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.latin1(8) !== MAGIC) return null
    if (latin1(bytes.subarray(8, 16)) === NEW_STYLE) return { style: 'newstyle', size: null }
    return reader.u64() === OLD_STYLE ? { style: 'oldstyle', size: reader.u64() } : null
  })
}

interface NbdReplies {
  readonly exports: readonly string[]
  /** Why there is no list. */
  readonly error: string | null
  /** What was said to the option nobody has; null until it is. */
  readonly refusal: string | null
  readonly ended: boolean
}

export function parseNbdReplies(bytes: Uint8Array): NbdReplies {
  const exports: string[] = []
  let error: string | null = null
  const reader = new Reader(bytes)
  for (;;) {
    const reply = orNull(() => (reader.u64() === REPLY ? readReply(reader) : null))
    if (!reply) return { exports, error, refusal: null, ended: false }
    if (reply.option === UNKNOWN) return { exports, error, refusal: clean(reply.data), ended: true }
    if (reply.type >= ERROR) error = clean(reply.data)
    if (reply.type === SERVER && exports.length < EXPORTS_CAP) exports.push(clean(reply.data.subarray(4)))
  }
}

const readReply = (reader: Reader) => ({
  option: reader.u32(),
  type: reader.u32(),
  data: reader.take(reader.u32(), 4096),
})
