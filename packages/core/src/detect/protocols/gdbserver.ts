/**
 * GDB remote serial protocol (GDB manual, appendix E):
 *
 *   packet => "$" data "#" 2HEXDIG                        the digits are the sum of the data, modulo 256
 *   reply  => ("+" / "-") *packet                          to qSupported: `PacketSize=1000;qXfer:features:read+...`
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'

export const gdbserver: Protocol = {
  name: 'gdbserver',
  transport: 'tcp',
  ports: [2159, 1234, 3333],
  opens: 'client',
  recognise,
  identify,
}

/** `qSupported` alone. It only asks for features and leaves the program as it is. */
const QUESTION = '$qSupported#37'
/** Replies to qSupported are a few hundred bytes. */
const REPLY_CAP = 2048

function recognise(bytes: Uint8Array): Service | null {
  const [, data = '', sum = ''] =
    /^[+-]?\$([^$#]{1,2000})#([0-9a-f]{2})/.exec(latin1(bytes.subarray(0, REPLY_CAP))) ?? []
  if (!/(?:^|;)PacketSize=[0-9a-fA-F]{1,8}(?:;|$)/.test(data)) return null
  const total = [...data].reduce((all, c) => (all + c.charCodeAt(0)) & 0xff, 0)
  if (total !== Number.parseInt(sum, 16)) return null
  const openOcd = data.includes('QStartNoAckMode+') && data.includes('qXfer:memory-map:read+')
  return service('gdbserver', { info: openOcd ? 'with memory map' : null, facts: { features: data.slice(0, 512) } })
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(Buffer.from(QUESTION))
  return recognise(await session.readUntil((soFar) => /#[0-9a-f]{2}/.test(latin1(soFar))))
}
