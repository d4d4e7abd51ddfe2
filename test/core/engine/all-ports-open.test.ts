import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allPortsOpen, chooseControlPorts, hostsWithAllPortsOpen, needsControls } from '#core/engine/all-ports-open.ts'
import { createConnectEngine } from '#core/engine/connect-engine.ts'
import { parseAddress } from '#core/target/address.ts'
import { setOfAddresses } from '#core/target/address-set.ts'
import { listen } from '#test/conformance/engine.ts'
import { canBuildNetworks, Network, networkNote } from '#test/support/network.ts'

describe('hosts on which everything opens', () => {
  it.each([
    ['three web ports, all open', { asked: 3, open: 3 }, { asked: 8, open: 8 }, false],
    ['a busy server', { asked: 1000, open: 30 }, { asked: 8, open: 0 }, false],
    ['many open of few asked, controls closed', { asked: 20, open: 18 }, { asked: 8, open: 0 }, false],
    ['a tarpit', { asked: 1000, open: 998 }, { asked: 8, open: 8 }, true],
    ['a tarpit on a lossy path', { asked: 1000, open: 900 }, { asked: 8, open: 6 }, true],
    ['too few controls to tell', { asked: 1000, open: 1000 }, { asked: 3, open: 3 }, false],
  ])('%s', (_, ports, controls, expected) => {
    expect(allPortsOpen(ports, controls)).toBe(expected)
    if (expected) expect(needsControls(ports)).toBe(true)
  })

  it('control ports are distinct, unlikely, and not among the scanned ones unless all were scanned', () => {
    fc.assert(
      fc.property(fc.integer(), fc.boolean(), (seed, all) => {
        let state = seed | 1
        const random = () => {
          state = (Math.imul(state, 1664525) + 1013904223) | 0
          return (state >>> 0) / 2 ** 32
        }
        const avoid = new Set(Array.from({ length: all ? 65_536 : 60_000 }, (_, port) => port))
        const ports = chooseControlPorts(avoid, random)
        expect(new Set(ports).size).toBe(8)
        for (const port of ports) {
          expect(port).toBeGreaterThanOrEqual(49_664)
          expect(port).toBeLessThanOrEqual(65_535)
          expect(avoid.has(port)).toBe(all)
        }
      }),
      { numRuns: 50 },
    )
  })

  it.runIf(canBuildNetworks)(`are found by their control ports${networkNote}`, async () => {
    using network = new Network()
    network.ip('target', 'addr add 10.99.0.9/24 dev cable')
    const server = await network.inside('target', () => listen('tcp', '10.99.0.9', 7000))
    // A tarpit the way a firewall makes one: whatever port is asked, the same server answers.
    network.ip('target', 'link set lo up')
    network.nat('target', 'ip daddr 10.99.0.9 tcp dport 1-65535 dnat to 10.99.0.9:7000')
    const addresses = ['10.99.0.2', '10.99.0.9'].flatMap((text) => {
      const parsed = parseAddress(text)
      return parsed.ok ? [parsed.value] : []
    })
    const found = await network.inside('scanner', () =>
      hostsWithAllPortsOpen(
        { engine: createConnectEngine(), hosts: setOfAddresses(addresses), asked: new Set([80]), random: Math.random },
        new AbortController().signal,
      ),
    )
    expect([...found]).toEqual(['10.99.0.9'])
    server.close()
  })
})
