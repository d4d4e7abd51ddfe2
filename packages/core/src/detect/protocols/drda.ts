/**
 * DRDA, the protocol of IBM Db2 and Apache Derby (The Open Group, DDM reference: EXCSAT, EXCSATRD):
 *
 *   dss    = length(2) 0xd0(1) format(1) correlation(2) object
 *   object = length(2) code-point(2) (object* | data)
 *   EXCSAT (0x1041) => EXCSATRD (0x1443) { EXTNAM 0x115e, SRVCLSNM 0x1147, SRVRLSLV 0x115a, SRVNAM 0x116d }
 *
 * Text is EBCDIC (code page 500) until something else is agreed upon.
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

const [EXCSAT, EXCSATRD] = [0x1041, 0x1443]
const [EXTERNAL_NAME, CLASS, RELEASE, SERVER, MANAGERS] = [0x115e, 0x1147, 0x115a, 0x116d, 0x1404]
const [DSS_MAGIC, REQUEST] = [0xd0, 1]
const OBJECTS_CAP = 16

/** Letters, digits and the marks that occur in names, by their place in code page 500. */
const EBCDIC: ReadonlyMap<number, string> = new Map(
  Object.entries({
    64: ' ',
    75: '.',
    77: '(',
    93: ')',
    96: '-/',
    107: ',',
    109: '_',
    122: ':',
    124: '@',
    129: 'abcdefghi',
    145: 'jklmnopqr',
    162: 'stuvwxyz',
    193: 'ABCDEFGHI',
    209: 'JKLMNOPQR',
    226: 'STUVWXYZ',
    240: '0123456789',
  }).flatMap(([start, characters]) => [...characters].map((character, i) => [Number(start) + i, character] as const)),
)

function toEbcdic(text: string): Uint8Array {
  const codes = new Map([...EBCDIC].map(([code, character]) => [character, code]))
  return Uint8Array.from(text, (character) => codes.get(character) ?? 0x40)
}

export const drda: Protocol = {
  name: 'drda',
  transport: 'tcp',
  ports: [50000, 1527, 446],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const attributes = parseExcsatrd(bytes)
  if (!attributes) return null
  const [kind, release] = [attributes.get(CLASS) ?? '', attributes.get(RELEASE) ?? '']
  const facts = {
    class: kind,
    release,
    ...(attributes.has(EXTERNAL_NAME) ? { externalName: attributes.get(EXTERNAL_NAME)! } : {}),
    ...(attributes.has(SERVER) ? { server: attributes.get(SERVER)! } : {}),
  }
  const name = /derby/i.test(kind) ? 'drda' : 'ibm-db2'
  return service(name, { ...softwareOf(kind, release), facts })
}

function softwareOf(kind: string, release: string): Partial<Service> {
  if (/derby/i.test(kind)) {
    const version = /\/(\d+(?:\.\d+){1,4})/.exec(release)?.[1] ?? null
    return { product: 'Apache Derby', vendor: 'Apache', version, cpe: [cpe('a', 'apache', 'derby', version)] }
  }
  // `SQL11055`: version 11, release 05, modification 5.
  const [, major, minor, patch] = /^[A-Z]{3}(\d\d)(\d\d)(\w)/.exec(release) ?? []
  const version = major === undefined ? null : `${Number(major)}.${Number(minor)}.${patch}`
  const os = /LINUX|NT|AIX|HPUX|SUN|MVS|DB2 UDB for z|AS400/i.exec(kind)?.[0] ?? null
  return /DB2/i.test(kind)
    ? {
        product: 'IBM Db2',
        vendor: 'IBM',
        version,
        os: os && (OPERATING_SYSTEMS[os.toUpperCase()] ?? null),
        cpe: [cpe('a', 'ibm', 'db2', version)],
      }
    : { product: clean(kind) || null, version }
}

const OPERATING_SYSTEMS: Readonly<Record<string, string>> = {
  LINUX: 'Linux',
  NT: 'Windows',
  AIX: 'AIX',
  HPUX: 'HP-UX',
  SUN: 'Solaris',
  MVS: 'z/OS',
  AS400: 'IBM i',
}

async function identify(session: Session): Promise<Service | null> {
  const parameter = (code: number, data: Uint8Array) =>
    new Writer()
      .u16(4 + data.length)
      .u16(code)
      .bytes(data)
      .finish()
  const inner = Buffer.concat([
    parameter(EXTERNAL_NAME, toEbcdic('portolan')),
    parameter(SERVER, toEbcdic('portolan')),
    parameter(RELEASE, toEbcdic('1')),
    // Levels of the agent and of SQL application management: what any server of the last decades has.
    parameter(MANAGERS, new Writer().u16(0x1403).u16(7).u16(0x2407).u16(7).finish()),
    parameter(CLASS, toEbcdic('portolan')),
  ])
  const object = parameter(EXCSAT, inner)
  await session.write(
    new Writer()
      .u16(6 + object.length)
      .u8(DSS_MAGIC)
      .u8(REQUEST)
      .u16(1)
      .bytes(object)
      .finish(),
  )
  return recognise(await session.readUntil((soFar) => parseExcsatrd(soFar) !== null))
}

/** The text attributes of the reply by code point. */
export function parseExcsatrd(bytes: Uint8Array): ReadonlyMap<number, string> | null {
  return orNull(() => {
    const outer = new Reader(bytes)
    const dss = new Reader(outer.take(outer.u16() - 2))
    if (dss.u8() !== DSS_MAGIC || (dss.u8() & 15) !== 2) return null
    dss.skip(2)
    const object = new Reader(dss.take(dss.u16() - 2))
    if (object.u16() !== EXCSATRD) return null
    const attributes = new Map<number, string>()
    while (object.remaining > 0 && attributes.size < OBJECTS_CAP) {
      const data = new Reader(object.take(object.u16() - 2))
      attributes.set(data.u16(), decode(data.rest()))
    }
    return attributes.has(CLASS) ? attributes : null
  })
}

/** EBCDIC, unless it reads as ASCII: servers that agreed on UTF-8 before use that. */
function decode(data: Uint8Array): string {
  if (data.every((byte) => byte >= 0x20 && byte < 0x7f)) return clean(latin1(data))
  return clean([...data.subarray(0, 256)].map((byte) => EBCDIC.get(byte) ?? '').join(''))
}
