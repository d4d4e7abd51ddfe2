/** An inbox that hears real packets on the loopback interface of a network of its own. */
import { describe, expect, it } from 'vitest'
import { Inbox, type InboxParts } from '#core/engine/inbox.ts'
import { openLibc } from '#core/engine/libc.ts'
import { linkAddress } from '#core/engine/link.ts'
import { AF_INET, SOCKADDR_IN } from '#core/engine/sockaddr.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

const [AF_PACKET, SOCK_DGRAM, SOCK_NONBLOCK] = [17, 2, 0x800]
const [SOL_PACKET, PACKET_IGNORE_OUTGOING, ETH_P_ALL] = [263, 23, 3]
/** Port 9 of 127.0.0.1, and where a datagram's bytes are behind the headers of IPv4 and UDP. */
const TO = Uint8Array.of(AF_INET, 0, 0, 9, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
const PAYLOAD = 28

describe.runIf(canBuildNetworks)(`an inbox${networkNote}`, () => {
  /** Sends datagrams with numbers until `isEnough`. Tells which came in, and which sockets were closed. */
  async function hear(expected: number, isEnough: (inbox: Inbox, sent: number) => boolean) {
    const libc = openLibc()
    const closed: number[] = []
    const open = () => {
      const fd = libc.socket(AF_PACKET, SOCK_DGRAM | SOCK_NONBLOCK, 0)
      libc.setsockopt(fd, SOL_PACKET, PACKET_IGNORE_OUTGOING, new Uint8Array(Int32Array.of(1).buffer), 4)
      return fd
    }
    const close = (fd: number) => {
      closed.push(fd)
      libc.close(fd)
    }
    const everything = linkAddress(ETH_P_ALL, 0, new Uint8Array(0))
    const parts: InboxParts = { libc, fd: open(), open, close, everything }
    const inbox = new Inbox(parts, expected)
    const first = inbox.fd
    const sender = libc.socket(AF_INET, SOCK_DGRAM, 0)
    const heard = new Set<number>()
    const receive = () =>
      inbox.receive((bytes, at) => {
        // Protocol UDP: there are also those that say that nobody listens.
        if (bytes[at + 9] === 17) heard.add(new DataView(bytes.buffer).getUint32(bytes.byteOffset + at + PAYLOAD))
      })
    let sent = 0
    for (; !isEnough(inbox, sent); sent++) {
      const payload = new Uint8Array(4)
      new DataView(payload.buffer).setUint32(0, sent)
      libc.sendto(sender, payload, 4, 0, TO, SOCKADDR_IN)
      if (sent % 7 === 0) receive()
      await new Promise(setImmediate)
    }
    receive()
    const last = inbox.fd
    await inbox.free()
    for (const fd of [sender, parts.fd]) libc.close(fd)
    return { sent, heard: heard.size, first, last, own: parts.fd, closed }
  }

  it('hears a few packets through the socket it was given', async () => {
    using network = new Network()
    const { sent, heard, first, last, own, closed } = await network.inside('scanner', () =>
      hear(100, (_, n) => n === 100),
    )
    expect(heard).toBe(sent)
    expect([first, last, closed]).toEqual([own, own, []])
  })

  it('goes over to shared memory when that is there, and misses nothing', async () => {
    using network = new Network()
    let changed = 0
    const { sent, heard, first, last, own, closed } = await network.inside('scanner', () =>
      hear(100_000, ({ isChanging }, n) => {
        if (isChanging) changed = n
        return n > changed + 1000
      }),
    )
    expect(changed).toBeGreaterThan(0)
    expect(heard).toBe(sent)
    expect(first).not.toBe(own)
    expect([last, closed]).toEqual([own, [first]])
  })

  it('ends while that memory is being made', async () => {
    using network = new Network()
    const { heard, first, closed } = await network.inside('scanner', () => hear(100_000, (_, n) => n === 3))
    expect(heard).toBe(3)
    expect(closed).toEqual([first])
  })
})
