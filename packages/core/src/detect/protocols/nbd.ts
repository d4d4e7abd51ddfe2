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
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [MAGIC, NEW_STYLE] = ['NBDMAGIC', 'IHAVEOPT']
const OLD_STYLE = 0x420281861253n
const REPLY = 0x3e889045565a9n
const [LIST, ABORT] = [3, 2]
const [ACK, SERVER, ERROR] = [1, 2, 0x80000000]
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
  // Flags: fixed newstyle. The list ends with an acknowledgement or an error; then we take our leave.
  await session.write(new Writer().u32(1).latin1(NEW_STYLE).u32(LIST).u32(0).finish())
  const list = parseNbdReplies(await session.readUntil((soFar) => parseNbdReplies(soFar).ended))
  await session.write(new Writer().latin1(NEW_STYLE).u32(ABORT).u32(0).finish())
  return describe(style, list)
}

function describe({ style, size }: NbdGreeting, list: NbdReplies | null): Service {
  const facts = {
    ...(size === null ? {} : { size: String(size) }),
    ...(list ? { exports: list.exports } : {}),
    ...(list?.error ? { error: list.error } : {}),
  }
  return service('nbd', { product: softwareOf(list), info: style, facts })
}

/** Servers word their refusals and fields in ways of their own. */
function softwareOf(list: NbdReplies | null): string | null {
  if (list === null) return null
  return /prohibited by|not supported by this server|as per configuration/i.test(list.error ?? '') ? 'nbd-server' : null
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
  readonly error: string | null
  readonly ended: boolean
}

export function parseNbdReplies(bytes: Uint8Array): NbdReplies {
  const exports: string[] = []
  const reader = new Reader(bytes)
  for (;;) {
    const reply = orNull(() =>
      reader.u64() === REPLY && reader.u32() === LIST
        ? { type: reader.u32(), data: reader.take(reader.u32(), 4096) }
        : null,
    )
    if (!reply || reply.type === ACK) return { exports, error: null, ended: reply !== null }
    if (reply.type >= ERROR) return { exports, error: clean(reply.data), ended: true }
    if (reply.type === SERVER && exports.length < EXPORTS_CAP) exports.push(clean(reply.data.subarray(4)))
  }
}
