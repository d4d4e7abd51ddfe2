/** Somebody who is told: an HTTP server on loopback that keeps what it got, and answers as it is told to. */
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { onTestFinished } from 'vitest'

export type Got = { readonly headers: IncomingHttpHeaders; readonly body: string; readonly path: string }
export type Answer = { readonly status: number; readonly headers?: Record<string, string> }

export async function receiver(answer: (got: Got, count: number) => Answer | null = () => ({ status: 204 })) {
  const got: Got[] = []
  const server = createServer(async (request, response) => {
    const one = { headers: request.headers, body: await text(request), path: request.url ?? '' }
    const told = answer(one, got.push(one))
    // Null: never answers.
    if (told !== null) response.writeHead(told.status, told.headers).end()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  // because a server that listens on TCP has this kind of address
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/hook`,
    got,
    types: () => got.map(({ body }) => JSON.parse(body).type),
  }
}
