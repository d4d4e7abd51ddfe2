import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { describe, expect, it } from 'vitest'
import { createUdpEngine } from '#core/engine/udp-engine.ts'
import type { UdpQuestion } from '#core/probe/udp-question.ts'
import { scanAll, spaceOf } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

const linux = process.platform === 'linux'

async function socketAt(address: string, port = 0): Promise<Socket> {
  const socket = createSocket('udp4').bind(port, address)
  await once(socket, 'listening')
  return socket
}

/** A question whose token comes back in the answer. */
const question = (port: number): UdpQuestion => ({
  name: 'knock',
  ports: [port],
  datagram: (token) => Buffer.from(`knock ${token}`),
  answers: (reply, token) => Buffer.from(reply).toString() === `come in ${token}`,
})

describe.runIf(linux)('UDP replies', () => {
  const scan = (port: number, questions: readonly UdpQuestion[] = []) => {
    const engine = createUdpEngine({ questions: new Map(questions.map((each) => [port, [each]])) })
    const space = spaceOf('udp', ['127.0.0.1'], [port])
    return scanAll(engine, { space, from: 0, to: 1, record: 'all', retries: 1, timeout: 100 })
  }

  it('from another port of the same host count when they answer the question, and say where they came from', async () => {
    const asked = await socketAt('127.0.0.1')
    const other = await socketAt('127.0.0.1')
    const { port } = asked.address()
    asked.on('message', (bytes, from) => other.send(`come in ${bytes.toString().slice(6)}`, from.port, from.address))
    const { results, batches } = await scan(port, [question(port)])
    const from = `127.0.0.1:${other.address().port}`
    expect(results).toMatchObject([{ port, state: 'open', reason: 'udp-response', from }])
    expect(batches.at(-1)?.stats.invalid).toBe(0)
    for (const socket of [asked, other]) socket.close()
  })

  it('are dropped and counted when they do not: wrong token, wrong port, wrong address', async () => {
    const asked = await socketAt('127.0.0.1')
    const liars = [await socketAt('127.0.0.1'), await socketAt('127.0.0.2', asked.address().port)]
    const { port } = asked.address()
    asked.on('message', (_, from) => {
      for (const liar of liars) for (const lie of ['come in 12345', '', 'x'.repeat(3000)]) liar.send(lie, from.port)
    })
    const { results, batches } = await scan(port, [question(port)])
    expect(results).toMatchObject([{ port, state: 'open|filtered', reason: 'no-response' }])
    expect(batches.at(-1)?.stats.invalid).toBeGreaterThanOrEqual(6)
    for (const socket of [asked, ...liars]) socket.close()
  })

  it('of any kind from the very endpoint asked make it open, once', async () => {
    const asked = await socketAt('127.0.0.1')
    asked.on('message', (_, from) => {
      for (let i = 0; i < 5; i++) asked.send('what?', from.port, from.address)
    })
    const { port } = asked.address()
    const { results } = await scan(port, [question(port)])
    expect(results).toMatchObject([{ port, state: 'open', reason: 'udp-response' }])
    expect(results[0]).not.toHaveProperty('from')
    asked.close()
  })

  it('from services on ports of their own choosing are brought out by the later tries', async () => {
    const server = await socketAt('127.0.0.1')
    const heard: string[] = []
    // A name server: anything but DNS leaves it cold.
    server.on('message', (bytes, from) => {
      heard.push(bytes.length === 0 ? 'nothing' : bytes.includes('version') ? 'dns' : 'else')
      if (heard.at(-1) === 'dns') server.send(bytes, from.port, from.address)
    })
    const { port } = server.address()
    const { results } = await scan(port)
    expect(heard).toEqual(['nothing', 'dns'])
    expect(results).toMatchObject([{ port, state: 'open', reason: 'udp-response' }])
    server.close()
  })

  describe.runIf(canBuildNetworks)(`of a host that rations ICMP${networkNote}`, () => {
    it('come at its pace: every answering port at once, the closed ones as they are told', {
      timeout: 60_000,
    }, async () => {
      using network = new Network()
      const { target } = network.v4
      const servers = await network.inside('target', () =>
        Promise.all([5005, 5012].map((port) => socketAt(target, port))),
      )
      for (const server of servers) server.on('message', (_, from) => server.send('here', from.port, from.address))
      // What Linux does to an asker by itself (net.ipv4.icmp_ratelimit), ten times as fast.
      network.firewall('target', {
        output: ['icmp type destination-unreachable limit rate over 10/second burst 6 packets drop'],
      })
      const space = spaceOf('udp', [target], [[5000, 5059]])
      const start = performance.now()
      let answering = 0
      let sum = 0
      await network.inside('scanner', async () => {
        const engine = createUdpEngine()
        for await (const batch of engine.scan(
          { space, from: 0, to: 60, record: 'open' },
          new AbortController().signal,
        )) {
          if (batch.results.length > 0) answering = performance.now() - start
          expect(batch.results.every(({ port }) => port === 5005 || port === 5012)).toBe(true)
          sum += batch.counts.closed
        }
      })
      expect(answering).toBeLessThan(1000)
      expect(sum).toBe(58)
      expect(performance.now() - start).toBeLessThan(20_000)
      for (const server of servers) server.close()
    })
  })
})
