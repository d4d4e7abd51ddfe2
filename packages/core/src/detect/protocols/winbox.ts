/**
 * MikroTik Winbox with EC-SRP5, the login of RouterOS 6.45 and later (as analysed in public by Margin Research):
 *
 *   frame = length(1) 6(1) body
 *   hello => user NUL public-key(32) parity(1)        answered with public-key(32) parity(1) salt(16)
 *
 * The server answers whoever asks, whether it knows the user or not; nothing is logged in.
 */
import { Writer } from '#core/wire/writer.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

const HANDSHAKE = 6
const [KEY, SALT] = [32, 16]
const ANSWER = KEY + 1 + SALT

export const winbox: Protocol = {
  name: 'winbox',
  transport: 'tcp',
  ports: [8291],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length !== ANSWER + 2 || bytes[0] !== ANSWER || bytes[1] !== HANDSHAKE || bytes[2 + KEY]! > 1) return null
  // A key and a salt are random: text or padding of that length is somebody else's.
  const distinct = new Set(bytes.subarray(2)).size
  if (distinct < 24 || bytes.subarray(2).every((byte) => byte < 128)) return null
  return service('winbox', {
    product: 'MikroTik RouterOS',
    vendor: 'MikroTik',
    os: 'RouterOS',
    device: 'router',
    info: 'RouterOS 6.45 or later',
    confidence: 0.9,
    cpe: [cpe('o', 'mikrotik', 'routeros')],
  })
}

async function identify(session: Session): Promise<Service | null> {
  const user = 'portolan'
  const writer = new Writer()
    .u8(user.length + 1 + KEY + 1)
    .u8(HANDSHAKE)
    .latin1(user)
    .u8(0)
  // Any number serves as our key, for the exchange ends here.
  for (let i = 0; i < KEY / 4; i++) writer.u32((session.token ^ (i * 0x9e3779b9)) >>> 0)
  await session.write(writer.u8(0).finish())
  return recognise(await session.readUntil((soFar) => soFar.length >= ANSWER + 2))
}
