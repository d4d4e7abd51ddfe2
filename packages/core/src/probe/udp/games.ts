/** Game servers' own discovery questions, from the engines' published source code and protocol notes. */
import { latin1, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import type { UdpQuestion } from '../udp-question.ts'

const begins = (text: string) => (reply: Uint8Array) => latin1(reply.subarray(0, text.length)) === text

/** Quake (net_dgrm.c, CCREQ_SERVER_INFO): control flag and length, command 2, game name, protocol 3. */
export const quake1: UdpQuestion = {
  name: 'quake1',
  ports: [26000],
  datagram: () => new Writer().u32(0x8000000c).u8(2).latin1('QUAKE\0').u8(3).finish(),
  answers: (reply) => reply.length >= 5 && reply[0] === 0x80 && reply[4] === 0x83,
}

/** Quake II and QuakeWorld (sv_main.c, connectionless `status`). */
export const quake2: UdpQuestion = {
  name: 'quake2',
  ports: [27910, 27500],
  datagram: () => new Writer().u32(0xffffffff).latin1('status\n').finish(),
  answers: begins('\xff\xff\xff\xff'),
}

/** Doom 3 (AsyncServer.cpp): `getInfo` and a challenge that is echoed. */
export const doom3: UdpQuestion = {
  name: 'doom3',
  ports: [27666],
  datagram: (token) => new Writer().u16(0xffff).latin1('getInfo\0').u32(token).finish(),
  answers: begins('\xff\xffinfoResponse'),
}

/** GameSpy's first query protocol (Unreal engine UdpServerQuery): backslash-separated keys and values. */
export const gamespy: UdpQuestion = {
  name: 'gamespy',
  ports: [7778, 7787, 23000],
  datagram: () => new Writer().latin1('\\info\\').finish(),
  answers: begins('\\'),
}

const session = (token: number) => token & 0x0f0f0f0f

/** GameSpy's query version 4 as Minecraft speaks it ("Query" in the protocol documentation): handshake, session id echoed. */
export const gamespyQuery: UdpQuestion = {
  name: 'gamespy-query',
  ports: [25565],
  datagram: (token) => new Writer().u16(0xfefd).u8(9).u32(session(token)).finish(),
  answers: (reply, token) => reply.length >= 6 && reply[0] === 9 && new Reader(reply, 1).u32() === session(token),
}

/** OpenTTD (docs/game_coordinator.md and network/core/udp.h): length, PACKET_UDP_CLIENT_FIND_SERVER. */
export const openttd: UdpQuestion = {
  name: 'openttd',
  ports: [3979],
  datagram: () => Uint8Array.of(3, 0, 0),
  answers: (reply) => reply.length >= 3 && reply[2] === 1 && new Reader(reply).u16le() === reply.length,
}

/** Teeworlds 0.7 (engine/shared/network.h): a control packet that asks for a token, padded so that it cannot amplify. */
export const teeworlds: UdpQuestion = {
  name: 'teeworlds',
  ports: [8303, 8304, 8305],
  datagram: (token) => new Writer().u24(0x040000).u32(0xffffffff).u8(5).u32(token).zeros(508).finish(),
  answers: (reply, token) => reply.length >= 12 && new Reader(reply, 3).u32() === token >>> 0,
}

/** Teeworlds 0.6: connectionless `gie3` and a byte that is echoed as text. */
export const teeworlds06: UdpQuestion = {
  name: 'teeworlds-06',
  ports: [8303],
  datagram: (token) =>
    new Writer()
      .u32(0xffffffff)
      .u32(0xffffffff)
      .u16(0xffff)
      .latin1('gie3')
      .u8(token & 0xff)
      .finish(),
  answers: begins('\xff\xff\xff\xff\xff\xff\xff\xff\xff\xffinf3'),
}

/** Luanti, once Minetest (doc/protocol.txt, network/mtp/impl.h): a reliable packet that opens a connection. */
export const minetest: UdpQuestion = {
  name: 'minetest',
  ports: [30000],
  datagram: () => Buffer.from('4f457403000000000003ffdc01', 'hex'),
  answers: begins('OEt\x03'),
}
