/** Lists of calls with real sockets on loopback. */
import { createServer, type Server } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { ASKS, ConnectCalls, ERROR, RESULT, START } from '#core/engine/connect-calls.ts'
import { EPOLLET, EPOLLOUT, Epoll } from '#core/engine/epoll.ts'
import { openLibc } from '#core/engine/libc.ts'
import { AF_INET } from '#core/engine/sockaddr.ts'
import { emptyTarget } from '#core/target/create-probe-space.ts'

const [SOCK_STREAM, SOCK_NONBLOCK] = [1, 0x800]
const [EAGAIN, ECONNREFUSED, EINPROGRESS] = [11, 111, 115]
const CLOSED_PORT = 1

describe.runIf(process.platform === 'linux')('calls of a connect scan', () => {
  const libc = openLibc()
  const epoll = new Epoll()
  const calls = new ConnectCalls()
  const next = new ConnectCalls()
  const fds: number[] = []
  let server: Server
  let openPort = 0
  beforeAll(async () => {
    server = createServer((socket) => socket.destroy())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    if (typeof address === 'object' && address) openPort = address.port
  })
  afterEach(() => {
    for (const fd of fds.splice(0)) libc.close(fd)
    for (const list of [calls, next]) list.clear()
  })
  afterAll(() => {
    server.close()
    for (const list of [calls, next]) list.free()
    epoll.close()
  })

  /** A socket that is watched as number `fds.indexOf(fd)`. */
  function open(): number {
    const fd = libc.socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)
    epoll.add(fd, EPOLLOUT | EPOLLET, fds.length)
    return fds.push(fd) - 1
  }
  const target = (port: number) => ({ ...emptyTarget(), family: 4 as const, v4: 0x7f000001, port })
  const stirred = () => Array.from({ length: epoll.wait() }, (_, i) => epoll.dataAt(i)).sort((a, b) => a - b)
  const results = (list: ConnectCalls) => Array.from({ length: list.count }, (_, i) => list.resultOf(i))

  it('starts handshakes, tells of those that are over, and asks how they ended', () => {
    const [closed, opened] = [open(), open()]
    calls.start(closed, fds[closed]!, target(CLOSED_PORT))
    calls.start(opened, fds[opened]!, target(openPort))
    calls.run()
    expect([calls.kindOf(0), calls.kindOf(1), calls.socketOf(0), calls.socketOf(1)]).toEqual([
      START,
      START,
      closed,
      opened,
    ])
    expect(results(calls)).toEqual([-EINPROGRESS, -EINPROGRESS])
    expect(stirred()).toEqual([closed, opened])
    next.ask(closed, fds[closed]!, true)
    next.ask(opened, fds[opened]!, false)
    next.run()
    expect([0, 1, 2].map((i) => next.kindOf(i))).toEqual([RESULT, ERROR, RESULT])
    expect(results(next)).toEqual([-ECONNREFUSED, -EAGAIN, 0])
    expect(next.errorBehind(0)).toBe(null)
  })

  it('starts the same handshake with another socket', () => {
    const [first, second, third] = [open(), open(), open()]
    calls.start(first, fds[first]!, target(openPort))
    calls.run()
    next.start(second, fds[second]!, target(CLOSED_PORT))
    next.restart(third, fds[third]!, calls, 0)
    expect([next.clashesOf(0), next.clashesOf(1)]).toEqual([0, 1])
    next.run()
    expect(results(next)).toEqual([-EINPROGRESS, -EINPROGRESS])
    calls.clear()
    for (const socket of [second, third]) calls.ask(socket, fds[socket]!, false)
    calls.run()
    expect(results(calls)).toEqual([-ECONNREFUSED, 0])
  })

  it('has room for what comes of a list that was as full as can be', () => {
    const sockets = Array.from({ length: calls.room }, open)
    for (const socket of sockets) calls.start(socket, fds[socket]!, target(CLOSED_PORT))
    expect(calls.room).toBe(0)
    calls.run()
    for (const [i, socket] of sockets.entries()) next.restart(socket, fds[socket]!, calls, i)
    for (const socket of sockets.slice(0, ASKS)) next.ask(socket, fds[socket]!, true)
    expect(next.count).toBe(sockets.length + 2 * ASKS)
    expect(next.room).toBe(0)
  })
})
