import { describe, expect, it } from 'vitest'
import { Arena } from '#core/engine/arena.ts'
import { EPOLLIN, Epoll } from '#core/engine/epoll.ts'
import { openLibc } from '#core/engine/libc.ts'
import { PacketVector } from '#core/engine/packet-vector.ts'
import { AF_INET, getSockaddr, putSockaddr, SOCKADDR_IN } from '#core/engine/sockaddr.ts'

const SOCK_DGRAM = 2
const MSG_DONTWAIT = 0x40
const EAGAIN = 11
const linux = process.platform === 'linux'
const loopback = (port: number) => ({ family: 4 as const, v4: 0x7f000001, v6: new Uint8Array(16), port, host: 0 })

function udpSocket(): { fd: number; port: number } {
  const libc = openLibc()
  const fd = libc.socket(AF_INET, SOCK_DGRAM, 0)
  const address = new Uint8Array(SOCKADDR_IN)
  const view = new DataView(address.buffer)
  putSockaddr(view, 0, loopback(0))
  expect(libc.bind(fd, address, SOCKADDR_IN)).toBe(0)
  const length = new Uint8Array(Uint32Array.of(SOCKADDR_IN).buffer)
  expect(libc.getsockname(fd, address, length)).toBe(0)
  return { fd, port: view.getUint16(2) }
}

describe.runIf(linux)('system calls', () => {
  it('sends and receives vectors of datagrams with their addresses', async () => {
    const libc = openLibc()
    const receiver = udpSocket()
    const sender = udpSocket()
    using out = new PacketVector({ count: 8, size: 40, name: SOCKADDR_IN })
    using into = new PacketVector({ count: 16, size: 64, name: SOCKADDR_IN })
    for (let i = 0; i < 8; i++) {
      putSockaddr(out.view, out.nameAt(i), loopback(receiver.port))
      out.bytes.fill(i, out.payloadAt(i), out.payloadAt(i) + i + 1)
      out.setLength(i, i + 1)
    }
    const epoll = new Epoll()
    expect(epoll.add(receiver.fd, EPOLLIN, 77)).toBe(0)
    expect(epoll.wait()).toBe(0)
    const woken = epoll.idle(20_000)
    expect(out.send(sender.fd, 0, 3)).toBe(3)
    expect(out.send(sender.fd, 3, 5)).toBe(5)
    await woken
    expect([epoll.wait(), epoll.dataAt(0), epoll.eventsAt(0)]).toEqual([1, 77, EPOLLIN])
    expect(into.receive(receiver.fd, MSG_DONTWAIT)).toBe(8)
    const from = loopback(0)
    for (let i = 0; i < 8; i++) {
      expect(into.length(i)).toBe(i + 1)
      expect(into.bytes[into.payloadAt(i)]).toBe(i)
      expect(getSockaddr(into.view, into.nameAt(i), from)).toBe(true)
      expect(from).toEqual(loopback(sender.port))
    }
    expect(into.receive(receiver.fd, MSG_DONTWAIT)).toBe(-EAGAIN)
    for (const fd of [receiver.fd, sender.fd]) libc.close(fd)
    epoll.close()
  })

  it('keeps arena memory usable under garbage collection and frees it once', () => {
    const arenas = Array.from({ length: 50 }, () => new Arena(65_536))
    for (const [i, arena] of arenas.entries()) arena.bytes.fill(i)
    for (let i = 0; i < 2000; i++) new Uint8Array(10_000).fill(1)
    for (const [i, arena] of arenas.entries()) {
      expect(arena.bytes.every((byte) => byte === i)).toBe(true)
      expect(arena.at(1) - arena.address).toBe(1n)
      arena.free()
      arena.free()
    }
  })

  it('writes and reads IPv6 socket addresses', () => {
    const view = new DataView(new ArrayBuffer(64))
    const target = { family: 6 as const, v4: 0, v6: Uint8Array.from({ length: 16 }, (_, i) => i), port: 443, host: 0 }
    expect(putSockaddr(view, 4, target, 3)).toBe(28)
    expect(view.getUint32(28, true)).toBe(3)
    const read = { family: 4 as 4 | 6, v4: 1, v6: new Uint8Array(16), port: 0, host: 0 }
    expect(getSockaddr(view, 4, read)).toBe(true)
    expect(read).toEqual(target)
    view.setUint16(4, 99, true)
    expect(getSockaddr(view, 4, read)).toBe(false)
  })
})
