/** Who is told: a web server that keeps what it gets, and checks the signature as Standard Webhooks says. */
import { createHmac, timingSafeEqual } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { HOST } from './servers.ts'

export type Told = {
  /** Of the message: the same when it is sent again. */
  readonly id: string
  readonly type: string
  readonly port: number
  /** One sentence for people. */
  readonly text: string
  /** How to close the port, by firewall; of findings only. */
  readonly close: Readonly<Record<string, string>> | null
  readonly genuine: boolean
}

export interface Receiver extends AsyncDisposable {
  readonly url: string
  readonly told: readonly Told[]
  /** As `POST /v1/webhooks` shows it, once. */
  trust(secret: string): void
}

type Payload = {
  readonly type: string
  readonly text: string
  readonly data: {
    readonly endpoint: { readonly port: number }
    /** Of findings only. */
    readonly meaning?: string
    readonly close?: Told['close']
  }
}

export async function startReceiver(hear: (told: Told) => void): Promise<Receiver> {
  const told: Told[] = []
  let key = Buffer.alloc(0)
  const server = createServer(async (request, response) => {
    const body = await text(request)
    // because the contract of the API says so, and a demonstration that gets something else may end
    const { type, text: line, data } = JSON.parse(body) as Payload
    const id = String(request.headers['webhook-id'])
    const genuine = isGenuine(request.headers, body, key)
    const one = { id, type, port: data.endpoint.port, text: data.meaning ?? line, close: data.close ?? null, genuine }
    told.push(one)
    hear(one)
    response.writeHead(204).end()
  })
  server.listen(0, HOST)
  await once(server, 'listening')
  // because a server that listens on TCP has this kind of address
  const { port } = server.address() as AddressInfo
  return {
    url: `http://${HOST}:${port}/told`,
    told,
    trust(secret) {
      key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((done) => server.close(done))
    },
  }
}

function isGenuine(headers: IncomingHttpHeaders, body: string, key: Uint8Array): boolean {
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const right = Buffer.from(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  const given = String(headers['webhook-signature'])
    .split(' ')
    .map((signature) => Buffer.from(signature))
  return given.some((signature) => signature.length === right.length && timingSafeEqual(signature, right))
}
