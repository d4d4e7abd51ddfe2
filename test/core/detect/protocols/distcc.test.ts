/** A server that hangs up without a word cannot be told by what it says, only by what it waits for: a real one is asked. */
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { expect, test } from 'vitest'
import type { ClientIdentity } from '#core/detect/protocol.ts'
import { distcc } from '#core/detect/protocols/distcc.ts'
import { TcpSession } from '#core/detect/session.ts'

const client: ClientIdentity = { name: 'Portolan', url: null }

async function identify(serve: (socket: Socket) => void) {
  const server = createServer((socket) => serve(socket.on('error', () => {}))).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  const limits = { connectTimeout: 1000, answerTimeout: 150, totalTimeout: 5000 }
  using session = await TcpSession.dial({ address: '127.0.0.1', port, hostname: null, client, token: 7, ...limits })
  try {
    return await distcc.identify?.(session, new Uint8Array())
  } finally {
    server.close()
  }
}

/** Reads tokens as distccd 3.4 does: hangs up on a wrong one and on a compiler it does not know. */
const silentDistccd = (socket: Socket) => {
  let text = ''
  socket.on('data', (bytes) => {
    text += bytes.toString('latin1')
    if (!/^DIST00000001ARGC[0-9a-f]{8}ARGV/.test(text) || text.includes('DOTI')) socket.end()
  })
}

test('a server that waits for the rest of a right request, but not of a wrong one, is distccd', async () => {
  expect(await identify(silentDistccd)).toMatchObject({ name: 'distccd', product: 'distcc', confidence: 0.8 })
})

test('one that hangs up on everything, and one that waits for ever, are not', async () => {
  expect(await identify((socket) => socket.once('data', () => socket.end()))).toBeNull()
  expect(await identify((socket) => socket.resume())).toBeNull()
})
