/** Servers that bear but few strangers, at a time or at all: they are known before that, or asked again when there is room. */
import { connect } from 'node:net'
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import type { Protocol, Session } from '#core/detect/protocol.ts'
import { service } from '#core/detect/service.ts'
import { startsWith } from '#core/detect/text.ts'
import { tcpServer, tlsServer } from '#test/support/live-server.ts'

const asks = (name: string, more: Partial<Protocol> = {}): Protocol => {
  const recognise = (b: Uint8Array) => (startsWith(b, `I am ${name}`) ? service(name) : null)
  const identify = async (session: Session) => {
    await session.write(Buffer.from(`are you ${name}?`))
    return recognise(await session.read())
  }
  return { name, transport: 'tcp', ports: [], opens: 'client', recognise, identify, ...more }
}
const strangers = (count: number) => Array.from({ length: count }, (_, i) => asks(`stranger-${i}`))
const detect = ({ port }: { readonly port: number }, protocols: readonly Protocol[]) =>
  createDetector({ mode: 'default', protocols }).detect({
    address: '127.0.0.1',
    port,
    transport: 'tcp',
  })

test('one that is shut for good after a dozen strangers, as Virtuoso is after ninety', async () => {
  let foreign = 0
  await using server = await tcpServer((socket) =>
    socket.on('data', (asked) => {
      if (foreign < 12 && `${asked}` === 'are you virtuous?') return socket.write('I am virtuous')
      foreign++
      return socket.destroy()
    }),
  )
  const shy = asks('virtuous', { hangsUp: true })
  expect(await detect(server, [...strangers(40), shy])).toMatchObject({
    status: 'identified',
    service: { name: 'virtuous' },
  })
})

test('one inside TLS with five places, each of them taken for a while by who was there, as Burp has', async () => {
  let taken = 0
  await using server = await tlsServer((socket) =>
    socket.on('data', (asked) => `${asked}` === 'are you who?' && socket.write('I am who')),
  )
  await using door = await tcpServer((outside) => {
    if (taken === 5) return outside.destroy()
    taken++
    const inside = connect(server.port, '127.0.0.1').on('error', () => {})
    inside.on('close', () => outside.destroy())
    outside.on('close', () => {
      inside.destroy()
      setTimeout(() => taken--, 1000)
    })
    return outside.pipe(inside).pipe(outside)
  })
  const found = await detect(door, [...strangers(5), asks('who', { insideTls: 'only' })])
  expect(found).toMatchObject({ status: 'identified', tls: { protocol: 'TLSv1.3' }, service: { name: 'who' } })
})
