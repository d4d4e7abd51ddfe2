/** Who may be examined at a time: of one host so few endpoints that each has its connections, and time to be understood. */
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { type LiveServer, tcpServer } from '#test/support/live-server.ts'

test('a service among many silent ports of one host is understood in its time', { timeout: 60_000 }, async () => {
  const begun = new Set<number>()
  const done = new Set<number>()
  let most = 0
  const silent = (port: () => number) =>
    tcpServer((socket) => {
      begun.add(port())
      most = Math.max(most, [...begun].filter((p) => !done.has(p)).length)
      socket.resume()
    })
  const servers: LiveServer[] = []
  try {
    for (let i = 0; i < 5; i++) servers.push(await silent(() => servers[i]?.port ?? 0))
    servers.push(
      await tcpServer((socket) =>
        socket.on('data', (asked) => `${asked}` === 'version\r\n' && socket.write('VERSION 1.6.18\r\n')),
      ),
    )
    const protocols = PROTOCOLS.filter((p) => ['http', 'redis', 'memcached'].includes(p.name))
    const detector = createDetector({ mode: 'light', perHostConnections: 8, protocols })
    const found = await Promise.all(
      servers.map(async ({ port }) => {
        const { status } = await detector.detect({ address: '127.0.0.1', port, transport: 'tcp' })
        done.add(port)
        return status
      }),
    )
    expect(found).toEqual([...Array(5).fill('silent'), 'identified'])
    expect(most).toBe(2)
  } finally {
    for (const server of servers) await server[Symbol.asyncDispose]()
  }
})
