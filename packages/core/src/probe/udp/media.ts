/** Media servers and players on the local network, asked as their own clients ask; and SRT streams. */
import { latin1, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

/** Plex "Good Day Mate" discovery: an M-SEARCH line and nothing else. */
export const plexGdm: UdpQuestion = {
  name: 'plex-gdm',
  ports: [32410, 32412, 32413, 32414],
  datagram: () => new Writer().latin1('M-SEARCH * HTTP/1.0\r\n\r\n').finish(),
  answers: (reply) => latin1(reply.subarray(0, 7)) === 'HTTP/1.',
}

/** Jellyfin auto-discovery (Jellyfin documentation, "Networking"): answered in JSON. */
export const jellyfin: UdpQuestion = {
  name: 'jellyfin',
  ports: [7359],
  datagram: () => new Writer().latin1('Who is JellyfinServer?').finish(),
  answers: (reply) => reply[0] === 0x7b,
}

/** SRT induction handshake (draft-sharabayko-srt-01 section 3.2.1, 4.3.1): addressed to our socket id in the answer. */
export const srt: UdpQuestion = {
  name: 'srt',
  ports: [4200, 9710, 10080],
  datagram: (token) =>
    new Writer()
      .u32(0x80000000)
      .zeros(12)
      .u32(4)
      .u32(2)
      .u32(token & 0x7fffffff)
      .u32(1500)
      .u32(8192)
      .u32(1)
      .u32(token)
      .zeros(20)
      .finish(),
  answers: (reply, token) =>
    reply.length >= 64 && new Reader(reply).u32() === 0x80000000 && new Reader(reply, 12).u32() === token >>> 0,
}
