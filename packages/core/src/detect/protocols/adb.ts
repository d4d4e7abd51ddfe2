/**
 * Android Debug Bridge: the host's server (SERVICES.TXT), and the device's daemon (protocol.txt).
 *
 *   server question => "000chost:version"                 four hex digits of length, then the service
 *   server answer   => "OKAY" HEX4 payload / "FAIL" HEX4 reason
 *   daemon message  => U32le command, arg0, arg1, length, checksum, command ^ 0xffffffff; then data
 */
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { clean } from '../text.ts'

export const adb: Protocol = {
  name: 'adb',
  transport: 'tcp',
  ports: [5037, 5555],
  opens: 'client',
  recognise,
  identify,
}

const CNXN = 0x4e584e43
const AUTH = 0x48545541
const STLS = 0x534c5453
const HEADER = 24
/** `device::ro.product.name=...;ro.product.model=...;` */
const DATA_CAP = 4096

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 64))
  const server = /^OKAY0004([0-9a-f]{4})$/.exec(text)
  if (server)
    return service('adb', {
      product: 'Android Debug Bridge server',
      vendor: 'Google',
      info: `protocol ${Number.parseInt(server[1] ?? '', 16)}`,
    })
  if (/^FAIL[0-9a-f]{4}(?:unknown host service|device )/.test(text))
    return service('adb', { product: 'Android Debug Bridge server', vendor: 'Google' })
  return orNull(() => {
    const reader = new Reader(bytes)
    const command = reader.u32le()
    if (command !== CNXN && command !== AUTH && command !== STLS) return null
    reader.skip(8)
    const length = reader.u32le()
    reader.skip(4)
    if (reader.u32le() !== (command ^ 0xffffffff) >>> 0) return null
    const banner = command === CNXN ? clean(reader.take(Math.min(length, reader.remaining, DATA_CAP))) : ''
    const model = /ro\.product\.model=([^;]{1,80})/.exec(banner)?.[1] ?? null
    const info = command === CNXN ? (model ?? 'open to everyone') : 'authentication required'
    return service('adb', { product: 'Android Debug Bridge', vendor: 'Google', os: 'Android', device: 'phone', info })
  })
}

function connectMessage(): Uint8Array {
  const data = Buffer.from('host::\0')
  const header = Buffer.alloc(HEADER)
  const sum = data.reduce((total, byte) => total + byte, 0)
  for (const [i, word] of [CNXN, 0x01000000, 4096, data.length, sum, (CNXN ^ 0xffffffff) >>> 0].entries())
    header.writeUInt32LE(word, i * 4)
  return Buffer.concat([header, data])
}

/** The daemon speaks binary and the server text: the port says which is the likelier. */
async function identify(session: Session): Promise<Service | null> {
  await session.write(session.port === 5555 ? connectMessage() : Buffer.from('000chost:version'))
  return understood(session, recognise)
}
