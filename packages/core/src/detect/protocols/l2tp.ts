/**
 * L2TP version 2 over UDP (RFC 2661 sections 3.1 and 4):
 *
 *   control   = flags(2) length(2) tunnel(2) session(2) Ns(2) Nr(2) attribute*
 *   attribute = flags(6 bits) length(10 bits) vendor(2) type(2) value
 *   request => start-control-connection reply (message type 2): host name(7), vendor name(8), firmware(6)
 *
 * The tunnel that the reply would begin is ended at once (message type 4).
 */
import { l2tp as question } from '#core/probe/udp/l2tp.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { ask, attempt } from '../ask.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, cleanOrNull } from '../text.ts'

/** Type, length and sequence bits, version 2. */
const CONTROL = 0xc802
const [REPLY, STOP] = [2, 4]
const [MESSAGE_TYPE, RESULT, FIRMWARE, HOST_NAME, VENDOR_NAME, TUNNEL_ID] = [0, 1, 6, 7, 8, 9]
const ATTRIBUTES_CAP = 32

type Known = readonly [
  vendor: RegExp,
  product: string,
  maker: string,
  cpe: readonly ['a' | 'o', string, string] | null,
  os?: string,
]
const PRODUCTS: readonly Known[] = [
  [/^xelerance\.com/i, 'xl2tpd', 'Xelerance', ['a', 'xelerance', 'xl2tpd']],
  [/^mikrotik/i, 'MikroTik L2TP', 'MikroTik', ['o', 'mikrotik', 'routeros'], 'RouterOS'],
  [/^microsoft/i, 'Microsoft Windows L2TP', 'Microsoft', null, 'Windows'],
  [/^cisco/i, 'Cisco L2TP', 'Cisco', ['o', 'cisco', 'ios'], 'IOS'],
  [/^accel-ppp/i, 'accel-ppp', 'accel-ppp', ['a', 'accel-ppp', 'accel-ppp'], 'Linux'],
  [/^katalix|^prol2tp|^openl2tp/i, 'OpenL2TP', 'Katalix', null, 'Linux'],
  [/^roaring penguin/i, 'rp-l2tp', 'Roaring Penguin', null],
  [/^adtran|^l2tpd/i, 'l2tpd', 'l2tpd', null],
  [/^linux support services|^l2tpns/i, 'l2tpns', 'l2tpns', null, 'Linux'],
  [/^freebsd mpd|^mpd/i, 'MPD', 'FreeBSD', null, 'FreeBSD'],
]

export const l2tp: Protocol = { name: 'l2tp', transport: 'udp', ports: [1701], opens: 'client', recognise, identify }

export interface L2tpControl {
  readonly type: number
  readonly tunnel: number | null
  readonly host: string | null
  readonly vendor: string | null
  readonly firmware: number | null
}

function recognise(bytes: Uint8Array): Service | null {
  const control = parseL2tp(bytes)
  if (!control) return null
  const [, product = control.vendor, maker = null, id = null, os = null] =
    PRODUCTS.find(([text]) => text.test(control.vendor ?? '')) ?? []
  return service('l2tp', {
    product,
    vendor: maker,
    os,
    hostname: control.host,
    cpe: id ? [cpe(...id)] : [],
    info: control.firmware === null ? null : `firmware 0x${control.firmware.toString(16).padStart(4, '0')}`,
    facts: control.vendor === null ? {} : { vendorName: control.vendor },
  })
}

async function identify(session: Session): Promise<Service | null> {
  const reply = await ask(session, question)
  const control = reply && parseL2tp(reply)
  if (!control) return null
  if (control.type === REPLY && control.tunnel !== null)
    await attempt(() => session.write(stop(control.tunnel ?? 0, session.token)))
  return recognise(reply)
}

/** "General request to clear control connection" (section 4.4.2); each of its attributes is eight bytes. */
function stop(tunnel: number, token: number): Uint8Array {
  const attributes = [
    [MESSAGE_TYPE, STOP],
    [TUNNEL_ID, (token & 0xffff) | 1],
    [RESULT, 1],
  ] as const
  const writer = new Writer()
    .u16(CONTROL)
    .u16(12 + attributes.length * 8)
    .u16(tunnel)
    .u16(0)
    .u16(1)
    .u16(1)
  for (const [type, value] of attributes) writer.u16(0x8008).u16(0).u16(type).u16(value)
  return writer.finish()
}

/** A reply or a stop notification. */
export function parseL2tp(bytes: Uint8Array): L2tpControl | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if ((reader.u16() & 0xc80f) !== 0xc802 || reader.u16() !== bytes.length) return null
    reader.skip(8)
    const values = new Map<number, Uint8Array>()
    while (reader.remaining > 0 && values.size < ATTRIBUTES_CAP) {
      const length = reader.u16() & 0x3ff
      const vendor = reader.u16()
      const type = reader.u16()
      const value = reader.take(length - 6)
      if (vendor === 0) values.set(type, value)
    }
    const number = (type: number) => (values.has(type) ? new Reader(values.get(type)!).u16() : null)
    const type = number(MESSAGE_TYPE)
    if (type !== REPLY && type !== STOP) return null
    const text = (key: number) => cleanOrNull(values.get(key) ? clean(values.get(key)!, 64) : null)
    return {
      type,
      tunnel: number(TUNNEL_ID),
      host: text(HOST_NAME),
      vendor: text(VENDOR_NAME),
      firmware: number(FIRMWARE),
    }
  })
}
