/**
 * XRootD (The XRootD Protocol, section 2.1, initial handshake); numbers are big-endian.
 *
 *   client => 0(i32) 0(i32) 0(i32) 4(i32) 2012(i32)
 *   server => streamid(2 bytes, 0) status(u16, 0) length(u32, 8) version(u32) type(u32)     0: manager, 1: data server
 */
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const xrootd: Protocol = {
  name: 'xrootd',
  transport: 'tcp',
  ports: [1094, 1095, 1213],
  opens: 'client',
  recognise,
  identify,
}

const HANDSHAKE = Buffer.from(`${'0'.repeat(31)}4000007dc`, 'hex')
const ANSWER = 16

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length !== ANSWER) return null
  const view = Buffer.from(bytes)
  const [head, length, version, type] = [0, 4, 8, 12].map((at) => view.readUInt32BE(at))
  if (head !== 0 || length !== 8 || version === undefined || version < 0x200 || version > 0xfff) return null
  if (type !== 0 && type !== 1) return null
  const spoken = `${version >> 8}.${(version >> 4) & 15}.${version & 15}`
  const role = type === 1 ? 'data server' : 'manager'
  return service('xrootd', { product: 'XRootD', vendor: 'XRootD', info: `${role}, protocol ${spoken}` })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(HANDSHAKE)
  return recognise(await session.read(ANSWER))
}
