/**
 * DHCP (RFC 2131 section 2, options RFC 2132):
 *
 *   message = operation(1) hardware(1) length(1) hops(1) xid(4) ... client address at 12 ... name(64) file(128) cookie(4) option*
 *   option  = code(1) length(1) value        0: padding, 255: end
 *
 * A server answers a DHCPINFORM (section 4.4.3) to port 68 of the client, so from here only those that answer to where the
 * question came from are heard; captured answers are recognised all the same.
 */
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

const [BOOT_REQUEST, BOOT_REPLY, ETHERNET] = [1, 2, 1]
const COOKIE = 0x63825363
const [DOMAIN, TYPE, SERVER, VENDOR_CLASS, PADDING, END] = [15, 53, 54, 60, 0, 255]
const INFORM = 8
const TYPES: Readonly<Record<number, string>> = { 2: 'offer', 5: 'acknowledgement', 6: 'refusal' }
const OPTIONS_CAP = 64

export const dhcp: Protocol = { name: 'dhcp', transport: 'udp', ports: [67], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const reply = parseDhcp(bytes)
  if (!reply) return null
  const text = (code: number) => {
    const value = reply.options.get(code)
    return value ? clean(value) : null
  }
  const server = reply.options.get(SERVER)
  const vendorClass = text(VENDOR_CLASS)
  const facts = {
    type: TYPES[reply.options.get(TYPE)?.[0] ?? 0] ?? 'bootp reply',
    ...(server?.length === 4 ? { server: server.join('.') } : {}),
    ...(text(DOMAIN) ? { domain: text(DOMAIN) } : {}),
    ...(vendorClass ? { vendorClass } : {}),
  }
  return service('dhcps', { hostname: cleanOrNull(reply.serverName), info: facts.type, facts })
}

async function identify(session: Session): Promise<Service | null> {
  const writer = new Writer().u8(BOOT_REQUEST).u8(ETHERNET).u8(6).u8(0).u32(session.token).zeros(20)
  // A locally administered hardware address made of the token.
  writer
    .u8(2)
    .u8(0)
    .u32(session.token)
    .zeros(10 + 64 + 128)
    .u32(COOKIE)
    .bytes([TYPE, 1, INFORM, END])
  await session.write(writer.finish())
  const reply = await session.read()
  return orNull(() => new Reader(reply, 4).u32()) === session.token ? recognise(reply) : null
}

export function parseDhcp(
  bytes: Uint8Array,
): { readonly serverName: string; readonly options: ReadonlyMap<number, Uint8Array> } | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u8() !== BOOT_REPLY || reader.u8() !== ETHERNET || reader.u8() !== 6) return null
    reader.seek(44)
    const serverName = clean(reader.latin1(64).split('\0', 1)[0]!)
    reader.skip(128)
    if (reader.u32() !== COOKIE) return null
    const options = new Map<number, Uint8Array>()
    while (reader.remaining > 0 && options.size < OPTIONS_CAP) {
      const code = reader.u8()
      if (code === END) break
      if (code !== PADDING) options.set(code, reader.take(reader.u8()))
    }
    return { serverName, options }
  })
}
