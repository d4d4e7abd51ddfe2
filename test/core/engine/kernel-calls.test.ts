import { readFileSync } from 'node:fs'
import { Worker } from 'node:worker_threads'
import koffi from 'koffi'
import { afterAll, describe, expect, it } from 'vitest'
import { Arena } from '#core/engine/arena.ts'
import { CALL, CONNECT, RECVMSG } from '#core/engine/kernel-calls.ts'
import { openLibc } from '#core/engine/libc.ts'
import { PacketVector } from '#core/engine/packet-vector.ts'
import { AF_INET, SOCKADDR_IN } from '#core/engine/sockaddr.ts'

const [SOCK_STREAM, SOCK_DGRAM, SOCK_NONBLOCK, MSG_DONTWAIT] = [1, 2, 0x800, 0x40]
const [ENOENT, EBADF, EAGAIN, EINVAL, ENOTSOCK, ENOPROTOOPT, EOPNOTSUPP, EAFNOSUPPORT, ECONNREFUSED, EINPROGRESS] = [
  2, 9, 11, 22, 88, 92, 95, 97, 111, 115,
]
/** Port 1 of 127.0.0.1, where nothing listens. */
const NOBODY = Uint8Array.of(AF_INET, 0, 0, 1, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)

describe.runIf(process.platform === 'linux')('system calls that return their error', () => {
  const libc = openLibc()
  const tcp = libc.socket(AF_INET, SOCK_STREAM, 0)
  const udp = libc.socket(AF_INET, SOCK_DGRAM, 0)
  const file = libc.epoll_create1(0)
  const vector = new PacketVector({ count: 1, size: 8 })
  afterAll(() => {
    for (const fd of [tcp, udp, file]) libc.close(fd)
    vector.free()
  })

  it.each<[name: string, errno: number, call: () => number]>([
    ['socket', EAFNOSUPPORT, () => libc.socket(999, 0, 0)],
    ['bind', EINVAL, () => libc.bind(udp, NOBODY, 1)],
    ['connect', ECONNREFUSED, () => libc.connect(tcp, NOBODY, SOCKADDR_IN)],
    ['setsockopt', ENOPROTOOPT, () => libc.setsockopt(tcp, 1, 9999, new Uint8Array(4), 4)],
    ['sendto', EOPNOTSUPP, () => libc.sendto(udp, new Uint8Array(1), 1, 1, NOBODY, SOCKADDR_IN)],
    ['recvfrom', EAGAIN, () => libc.recvfrom(udp, new Uint8Array(1), 1, MSG_DONTWAIT, null, null)],
    ['sendmmsg', ENOTSOCK, () => vector.send(file, 0, 1)],
    ['recvmmsg', EAGAIN, () => vector.receive(udp, MSG_DONTWAIT)],
    ['epoll_create1', EINVAL, () => libc.epoll_create1(1)],
    ['epoll_ctl', EBADF, () => libc.epoll_ctl(file, 1, -1, new Uint8Array(16))],
    ['getrandom', EINVAL, () => libc.getrandom(new Uint8Array(1), 1, 0x8000)],
  ])('%s: whatever errno holds', (_, errno, call) => {
    koffi.errno(ENOENT)
    expect(call()).toBe(-errno)
    expect(koffi.errno()).toBe(ENOENT)
  })

  it('tells the same from a thread of the pool', async () => {
    using ours = new PacketVector({ count: 1, size: 8 })
    const sent = await new Promise((resolve) => ours.sendLater(file, 1, resolve))
    expect(sent).toBe(-ENOTSOCK)
  })

  it('makes the calls of a list one after the other, each with its own arguments and result', () => {
    const asking = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)
    const calls = [
      [CONNECT, asking, NOBODY, SOCKADDR_IN, -EINPROGRESS],
      // On loopback the answer is there when the call is over.
      [CONNECT, asking, NOBODY, SOCKADDR_IN, -ECONNREFUSED],
      [CONNECT, -1, NOBODY, SOCKADDR_IN, -EBADF],
      [RECVMSG, udp, new Uint8Array(56), MSG_DONTWAIT, -EAGAIN],
      [CONNECT, udp, NOBODY, SOCKADDR_IN, 0],
    ] as const
    using arena = new Arena(calls.length * 128)
    calls.forEach(([number, fd, bytes, third], i) => {
      const memory = (calls.length + i) * 64
      arena.view.setUint32(i * CALL.size + CALL.number, number, true)
      arena.view.setInt32(i * CALL.size + CALL.fd, fd, true)
      arena.point(i * CALL.size + CALL.pointer, memory)
      arena.bytes.set(bytes, memory)
      arena.view.setUint32(i * CALL.size + CALL.third, third, true)
    })
    libc.runCalls(arena.address, calls.length)
    const results = calls.map((_, i) => arena.view.getInt32(i * CALL.size + CALL.result, true))
    libc.close(asking)
    expect(results).toEqual(calls.map((call) => call[4]))
  })

  it('gives the memory of a thread back when the thread ends', async () => {
    const thread = () =>
      new Promise((resolve, reject) => {
        const worker = new Worker(new URL('../../support/thread-of-calls.ts', import.meta.url))
        worker.on('exit', resolve).on('error', reject)
      })
    const pages = () => readFileSync('/proc/self/maps', 'latin1').match(/r-xp 00000000 00:00 0 *$/gm)?.length ?? 0
    expect(await thread()).toBe(0)
    const before = pages()
    expect(before).toBeGreaterThan(0)
    for (let i = 0; i < 5; i++) await thread()
    expect(pages()).toBe(before)
  })
})
