/**
 * BitTorrent tracker over UDP (BEP 15), numbers big-endian:
 *
 *   connect  => U64 0x41727101980, U32 action 0, U32 transaction
 *   response => U32 action 0, U32 transaction, U64 connection      or U32 action 3, U32 transaction, message
 */
import { Reader } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'

const [CONNECT, ERROR] = [0, 3]
const CONNECTED = 16

export const bittorrentTracker: Protocol = {
  name: 'bittorrent-tracker',
  transport: 'udp',
  ports: [1337, 6969],
  opens: 'client',
  recognise,
  identify,
}

/** Only what names itself: the numbers of a stranger's answer prove nothing. */
function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length < 16 || new Reader(bytes).u32() !== ERROR) return null
  const message = cleanOrNull(bytes.subarray(8, 128)) ?? ''
  return /^connection id m/i.test(message) ? service('bittorrent-tracker', { info: message, confidence: 0.7 }) : null
}

async function identify(session: Session): Promise<Service | null> {
  const question = Buffer.alloc(CONNECTED)
  question.writeBigUInt64BE(0x41727101980n)
  question.writeUInt32BE(session.token, 12)
  await session.write(question)
  const answer = await session.read()
  if (answer.length < 8) return null
  const reader = new Reader(answer)
  const [action, transaction] = [reader.u32(), reader.u32()]
  if (transaction !== session.token) return null
  if (action === CONNECT && answer.length === CONNECTED) return service('bittorrent-tracker')
  return action === ERROR ? service('bittorrent-tracker', { info: cleanOrNull(answer.subarray(8, 128)) }) : null
}
