/**
 * NSCA, Nagios' acceptor of passive checks (include/common.h, init_packet_struct):
 *
 *   greeting => iv(128 bytes, random) timestamp(u32, big-endian, seconds since 1970)
 */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

export const nsca: Protocol = { name: 'nsca', transport: 'tcp', ports: [5667], opens: 'server', recognise }

const IV = 128
/** Random bytes of this number have more different values than this, nearly always; text and tables do not. */
const DIFFERENT = 80
/** 2001 to 2038: a clock that was set. */
const [EARLIEST, LATEST] = [978_307_200, 2_147_483_647]

/** Nothing in it is constant: the length, the disorder and the clock are what there is. */
function recognise(bytes: Uint8Array): Service | null {
  if (bytes.length !== IV + 4 || new Set(bytes.subarray(0, IV)).size < DIFFERENT) return null
  const time = Buffer.from(bytes).readUInt32BE(IV)
  if (time < EARLIEST || time > LATEST) return null
  return service('nsca', {
    product: 'NSCA',
    vendor: 'Nagios',
    confidence: 0.9,
    facts: { time: new Date(time * 1000).toISOString() },
  })
}
