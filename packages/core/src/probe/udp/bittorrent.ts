/** BitTorrent's two datagram protocols: the distributed hash table (BEP 5) and trackers (BEP 15). */
import { latin1, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const word = (token: number) => new Writer().u32(token).finish()

/** `ping` from a node id that is ours alone; transaction id `t` is echoed. Bencoded, keys in order. */
export const bittorrentDht: UdpQuestion = {
  name: 'bittorrent-dht',
  ports: [6881, 6882, 6883, 51413],
  datagram: (token) =>
    new Writer()
      .latin1(`d1:ad2:id20:portolan-${token.toString(16).padStart(8, '0')}xyze1:q4:ping1:t4:`)
      .u32(token)
      .latin1('1:y1:qe')
      .finish(),
  answers: (reply, token) => reply[0] === 0x64 && latin1(reply).includes(`1:t4:${latin1(word(token))}`),
}

/** Connect: protocol id, action 0, transaction id echoed. */
export const udpTracker: UdpQuestion = {
  name: 'udp-tracker',
  ports: [6969, 1337, 2710],
  datagram: (token) => new Writer().u32(0x417).u32(0x27101980).u32(0).u32(token).finish(),
  answers: (reply, token) => reply.length >= 8 && new Reader(reply, 4).u32() === token >>> 0,
}
