/** A lane between two real sockets: whichever thread sends a packet, it leaves once, and as it was put. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Lane } from '#core/engine/lane.ts'
import { openLibc } from '#core/engine/libc.ts'
import { PacketVector } from '#core/engine/packet-vector.ts'
import { AF_INET, putSockaddr, SOCKADDR_IN } from '#core/engine/sockaddr.ts'
import { SynTemplate } from '#core/wire/tcp-syn.ts'

const SOCK_DGRAM = 2
const SOL_SOCKET = 1
const SO_RCVBUF = 8
const MSG_DONTWAIT = 0x40
const EINVAL = 22
/** Offset of the sequence number behind an IPv4 header. */
const SEQUENCE = 24

describe.runIf(process.platform === 'linux')('lane', () => {
  const libc = openLibc()
  const template = new SynTemplate(Uint8Array.of(127, 0, 0, 1), 1500)
  const fields = { v4: 0x7f000001, v6: new Uint8Array(16), sourcePort: 1, port: 2, sequence: 0, timestamp: 0, id: 0 }
  let [sender, receiver, port] = [-1, -1, 0]

  beforeAll(() => {
    sender = libc.socket(AF_INET, SOCK_DGRAM, 0)
    receiver = libc.socket(AF_INET, SOCK_DGRAM, 0)
    // Room for all that can be under way: three boxes of 128 and what this thread sends.
    libc.setsockopt(receiver, SOL_SOCKET, SO_RCVBUF, new Uint8Array(Uint32Array.of(212_992).buffer), 4)
    const address = new Uint8Array(SOCKADDR_IN)
    const view = new DataView(address.buffer)
    putSockaddr(view, 0, { ...fields, family: 4, port: 0, host: 0 })
    expect(libc.bind(receiver, address, SOCKADDR_IN)).toBe(0)
    libc.getsockname(receiver, address, new Uint8Array(Uint32Array.of(SOCKADDR_IN).buffer))
    port = view.getUint16(2)
  })
  afterAll(() => {
    for (const fd of [sender, receiver]) libc.close(fd)
  })

  function put(lane: Lane, sequence: number, to: number): number {
    const { box } = lane
    const name = box.put(template, { ...fields, sequence })
    const view = new DataView(box.names.buffer, box.names.byteOffset)
    putSockaddr(view, name, { ...fields, family: 4, port: to, host: 0 })
    return lane.added(box)
  }

  it('sends a thousand packets, each once and whole, while other threads help', async () => {
    using inbox = new PacketVector({ count: 256, size: 80 })
    const seen: number[] = []
    const take = () => {
      for (let count = inbox.receive(receiver, MSG_DONTWAIT); count > 0; count = inbox.receive(receiver, MSG_DONTWAIT))
        for (let i = 0; i < count; i++) {
          expect(inbox.length(i)).toBe(template.bytes.length)
          seen.push(inbox.view.getUint32(inbox.payloadAt(i) + SEQUENCE))
        }
    }
    const lane = new Lane(libc, sender, SOCKADDR_IN)
    for (let sequence = 0; sequence < 1000; sequence++) {
      expect(put(lane, sequence, port)).toBe(0)
      take()
      // The event loop hears of what the others have done.
      if (sequence % 100 === 0) await new Promise(setImmediate)
    }
    while (lane.isSending) await new Promise(setImmediate)
    expect(lane.flush()).toBe(0)
    await lane.free()
    take()
    expect(seen.sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, i) => i))
  })

  it('tells what kept packets from leaving, its own at once, those of another thread at the next flush', async () => {
    const lane = new Lane(libc, sender, SOCKADDR_IN)
    put(lane, 0, 0)
    expect(lane.flush()).toBe(EINVAL)
    for (let i = 0; i < 128; i++) expect(put(lane, i, 0)).toBe(0)
    expect(lane.isSending).toBe(true)
    while (lane.isSending) await new Promise(setImmediate)
    expect([lane.flush(), lane.flush()]).toEqual([EINVAL, 0])
    await lane.free()
  })
})
