/**
 * Apple Filing Protocol over DSI (Apple, "AFP Reference", DSIGetStatus and FPGetSrvrInfo):
 *
 *   header = flags(1) command(1)=3 id(2) error(4) length(4) reserved(4)         flags: 0 asks, 1 answers
 *   info   = machine(2) versions(2) methods(2) icon(2) flags(2) name(pascal) ...    offsets from the start of the info
 *   a pascal string is length(1) text; a list of them is count(1) strings
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

const [REQUEST, REPLY, GET_STATUS] = [0, 1, 3]
const INFO_CAP = 4096
const LIST_CAP = 16

export const afp: Protocol = { name: 'afp', transport: 'tcp', ports: [548], opens: 'client', recognise, identify }

export interface AfpInfo {
  readonly id: number
  readonly machine: string
  readonly name: string
  readonly versions: readonly string[]
  readonly methods: readonly string[]
}

function recognise(bytes: Uint8Array): Service | null {
  const info = parseAfp(bytes)
  if (!info) return null
  const facts = { machine: info.machine, versions: info.versions, methods: info.methods }
  return service('afp', { ...softwareOf(info.machine), hostname: cleanOrNull(info.name), facts })
}

function softwareOf(machine: string): Partial<Service> {
  const [, netatalk] = /^Netatalk ?v?(\d[\w.]*)?/.exec(machine) ?? []
  if (/^Netatalk/.test(machine))
    return {
      product: 'Netatalk',
      vendor: 'Netatalk',
      version: netatalk ?? null,
      cpe: [cpe('a', 'netatalk', 'netatalk', netatalk)],
    }
  if (/^TimeCapsule|^AirPort/.test(machine)) return { product: `Apple ${machine}`, vendor: 'Apple', device: 'storage' }
  if (/^(?:Mac|iMac|Xserve|PowerMac|PowerBook|VMware)/.test(machine))
    return { product: 'Apple AFP', vendor: 'Apple', os: 'macOS', cpe: [cpe('o', 'apple', 'macos')] }
  return { product: machine || null }
}

async function identify(session: Session): Promise<Service | null> {
  const id = session.token & 0xffff
  await session.write(new Writer().u8(REQUEST).u8(GET_STATUS).u16(id).zeros(12).finish())
  const answer = await session.readUntil((soFar) => parseAfp(soFar) !== null)
  return parseAfp(answer)?.id === id ? recognise(answer) : null
}

export function parseAfp(bytes: Uint8Array): AfpInfo | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== REPLY || reader.u8() !== GET_STATUS) return null
    const id = reader.u16()
    if (reader.u32() !== 0) return null
    const length = reader.u32()
    if (reader.u32() !== 0) return null
    const info = reader.take(length, INFO_CAP)
    const head = new Reader(info)
    const [machine, versions, methods] = [head.u16(), head.u16(), head.u16()]
    head.skip(4)
    const text = (at: Reader) => clean(latin1(at.take(at.u8())))
    const list = (offset: number) => {
      const at = new Reader(info, Math.min(offset, info.length))
      return Array.from({ length: Math.min(at.u8(), LIST_CAP) }, () => text(at))
    }
    const name = text(head)
    const found = {
      id,
      machine: text(new Reader(info, Math.min(machine, info.length))),
      name,
      versions: list(versions),
      methods: list(methods),
    }
    return found.versions.some((version) => /^AFP/.test(version)) ? found : null
  })
}
