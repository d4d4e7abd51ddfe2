/**
 * OpenWire, Apache ActiveMQ's own protocol (https://activemq.apache.org/openwire-version-2-specification):
 *
 *   greeting   => length(4) 1(1) "ActiveMQ" version(4) present(1) [length(4) properties]        WireFormatInfo
 *   properties => count(4) (name: length(2) text, type(1), value)*
 *
 * The properties name provider and version since ActiveMQ 5.6.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const MAGIC = 'ActiveMQ'
const WIRE_FORMAT_INFO = 1
/** Twenty or so in practice. */
const PROPERTIES_CAP = 64
/** Lengths of the values of each primitive type (null, true, byte, char, short, int, long, double, float); 9: string. */
const VALUE_LENGTHS: Readonly<Record<number, number>> = { 0: 0, 1: 1, 2: 1, 3: 2, 4: 2, 5: 4, 6: 8, 7: 8, 8: 4 }
const STRING = 9

export const openwire: Protocol = { name: 'openwire', transport: 'tcp', ports: [61616], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const info = parseWireFormat(bytes)
  if (!info) return null
  const provider = info.properties.get('ProviderName') ?? MAGIC
  const version = info.properties.get('ProviderVersion') ?? null
  const artemis = /artemis/i.test(provider)
  const platform = info.properties.get('PlatformDetails') ?? null
  return service('openwire', {
    product: artemis ? 'Apache ActiveMQ Artemis' : 'Apache ActiveMQ',
    vendor: 'Apache',
    version,
    os: /Linux|Windows|Mac OS X|SunOS/.exec(platform ?? '')?.[0] ?? null,
    info: `OpenWire version ${info.version}`,
    cpe: [cpe('a', 'apache', artemis ? 'activemq_artemis' : 'activemq', version)],
    facts: platform === null ? {} : { platform },
  })
}

export interface WireFormat {
  readonly version: number
  readonly properties: ReadonlyMap<string, string>
}

export function parseWireFormat(bytes: Uint8Array): WireFormat | null {
  return orNull(() => {
    const reader = new Reader(bytes)
    if (reader.u32() > 65_536 || reader.u8() !== WIRE_FORMAT_INFO || reader.latin1(8) !== MAGIC) return null
    const version = reader.u32()
    if (version < 1 || version > 32) return null
    return { version, properties: orNull(() => readProperties(reader)) ?? new Map() }
  })
}

/** The text values; numbers and flags tell nothing about the product. */
function readProperties(reader: Reader): ReadonlyMap<string, string> {
  const properties = new Map<string, string>()
  if (reader.u8() === 0) return properties
  reader.skip(4)
  for (let left = Math.min(reader.u32(), PROPERTIES_CAP); left > 0; left--) {
    const name = latin1(reader.take(reader.u16(), 256))
    const type = reader.u8()
    if (type === STRING) properties.set(name, clean(reader.take(reader.u16(), 1024)))
    else if (VALUE_LENGTHS[type] === undefined) break
    else reader.skip(VALUE_LENGTHS[type])
  }
  return properties
}
