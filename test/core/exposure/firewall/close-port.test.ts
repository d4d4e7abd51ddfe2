/** The lines that close a port: read, and for nftables run by the real tool, with servers behind it. */
import { execFileSync } from 'node:child_process'
import { createSocket, type Socket as UdpSocket } from 'node:dgram'
import { once } from 'node:events'
import { connect, createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { closePort } from '#core/exposure/firewall/close-port.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

type Place = Parameters<typeof closePort>[0]

test('for exactly this port, of TCP and UDP, IPv4 and IPv6', () => {
  expect(closePort({ ip: '192.0.2.7', transport: 'tcp', port: 23 })).toEqual({
    ufw: 'ufw prepend deny in proto tcp to 192.0.2.7 port 23',
    nftables: 'nft insert rule inet filter input ip daddr 192.0.2.7 tcp dport 23 drop',
    windows:
      'New-NetFirewallRule -DisplayName "Close TCP 23" -Direction Inbound -Action Block -Protocol TCP -LocalAddress 192.0.2.7 -LocalPort 23',
  })
  expect(closePort({ ip: '2001:db8::7', transport: 'udp', port: 161 })).toEqual({
    ufw: 'ufw prepend deny in proto udp to 2001:db8::7 port 161',
    nftables: 'nft insert rule inet filter input ip6 daddr 2001:db8::7 udp dport 161 drop',
    windows:
      'New-NetFirewallRule -DisplayName "Close UDP 161" -Direction Inbound -Action Block -Protocol UDP -LocalAddress 2001:db8::7 -LocalPort 161',
  })
})

describe.runIf(canBuildNetworks)(`run by nft${networkNote}`, () => {
  const servers: (Server | UdpSocket)[] = []
  let network: Network
  let places: readonly Place[] = []
  beforeAll(async () => {
    network = new Network()
    places = [network.v4.target, network.v6.target].flatMap((ip) =>
      (['tcp', 'udp'] as const).flatMap((transport) => [2000, 2001].map((port) => ({ ip, transport, port }))),
    )
    await network.inside('target', async () => {
      for (const place of places) servers.push(await serve(place))
    })
  })
  afterAll(() => {
    for (const server of servers) server.close()
    network[Symbol.dispose]()
  })

  test('closes that one and leaves the others open', async () => {
    const firewall = 'flush ruleset\ntable inet filter { chain input { type filter hook input priority 0; }; }\n'
    const nft = (args: readonly string[], input = '') =>
      execFileSync('ip', ['netns', 'exec', network.target, 'nft', ...args], { input })
    const open = () => network.inside('scanner', () => whoAnswers(places))
    // A cable that was just plugged in takes a moment before it carries IPv6.
    await vi.waitFor(async () => expect(await open()).toEqual(places), { timeout: 20_000 })
    for (const closed of places.filter(({ port }) => port === 2000)) {
      nft(['-f', '-'], firewall)
      nft(closePort(closed).nftables.split(' ').slice(1))
      expect(await open()).toEqual(places.filter((place) => place !== closed))
    }
  })
})

/** Says something to whoever comes. */
async function serve({ ip, transport, port }: Place): Promise<Server | UdpSocket> {
  if (transport === 'tcp') {
    const server = createServer((socket) => socket.on('error', () => {}).end('here')).listen(port, ip)
    await once(server, 'listening')
    return server
  }
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4')
  socket.on('message', (_, from) => socket.send('here', from.port, from.address)).bind(port, ip)
  await once(socket, 'listening')
  return socket
}

/** Those that answer: within five seconds, and within a fifth of one after all but one have. */
async function whoAnswers(places: readonly Place[]): Promise<readonly Place[]> {
  const enough = new AbortController()
  const signal = AbortSignal.any([enough.signal, AbortSignal.timeout(5_000)])
  let count = 0
  const answered = await Promise.all(
    places.map(async (place) => {
      const heard = await answers(place, signal)
      if (heard && ++count === places.length - 1) setTimeout(() => enough.abort(), 200)
      return heard
    }),
  )
  return places.filter((_, i) => answered[i])
}

async function answers({ ip, transport, port }: Place, signal: AbortSignal): Promise<boolean> {
  const heard = (emitter: NodeJS.EventEmitter, event: string) =>
    once(emitter, event, { signal }).then(
      () => true,
      () => false,
    )
  if (transport === 'tcp') {
    const socket = connect(port, ip)
    const outcome = await heard(socket, 'data')
    socket.destroy()
    return outcome
  }
  const socket = createSocket(ip.includes(':') ? 'udp6' : 'udp4')
  const outcome = heard(socket, 'message')
  socket.send('?', port, ip)
  const result = await outcome
  socket.close()
  return result
}
