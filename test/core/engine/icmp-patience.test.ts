import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createPatience, decide, type IcmpPatience, noteUnreachable } from '#core/engine/icmp-patience.ts'

interface Host {
  /** Unreachables a second, and how many at once. */
  readonly rate: number
  readonly burst: number
  readonly ports: number
  /** Share of ports a firewall swallows. */
  readonly filtered: number
  /** Share of packets lost, each way. */
  readonly loss?: number
}

/** Plays a scan of one host against `decide` in simulated time; returns what became of the ports, and when. */
function play({ rate, burst, ports, filtered, loss = 0 }: Host): {
  closed: number
  believed: number
  asked: number
  end: number
} {
  const patience: IcmpPatience = createPatience(1, ports)
  const queue = Array.from({ length: ports }, (_, position) => ({
    at: position / 4,
    position,
    tries: 0,
    rested: false,
  }))
  const totals = { closed: 0, believed: 0, asked: 0, end: 0 }
  let tokens = burst
  let refilled = 0
  let state = 7
  const isLost = () => {
    state = (state * 48_271) % 2_147_483_647
    return state / 2_147_483_647 < loss
  }
  // Among the others, as a scan meets them.
  const swallowed = (position: number) => (position * 7919) % ports < filtered * ports
  const ask = (port: { at: number; position: number; tries: number; rested: boolean }) => {
    totals.asked++
    port.tries++
    port.rested = false
    tokens = Math.min(burst, tokens + ((port.at - refilled) * rate) / 1000)
    refilled = port.at
    if (!isLost() && !swallowed(port.position) && tokens >= 1) {
      tokens--
      if (!isLost()) {
        totals.closed++
        noteUnreachable(patience, 0, port.tries, port.at)
        return
      }
    }
    queue.push({ ...port, at: port.at + (port.tries === 1 ? 250 : port.tries < 4 ? 900 : 250) })
  }
  while (queue.length > 0) {
    queue.sort((a, b) => b.at - a.at)
    const port = queue.pop()
    if (!port) break
    totals.end = port.at
    const { position, tries, rested, at } = port
    const decision = tries === 0 ? 'ask' : decide(patience, { host: 0, position, tries, rested }, at)
    if (decision === 'ask') ask(port)
    else if (decision === 'believe') totals.believed++
    else {
      expect(decision.rest).toBeGreaterThan(0)
      queue.push({ ...port, rested: true, at: at + decision.rest })
    }
  }
  return totals
}

describe('patience with hosts that ration ICMP', () => {
  it('learns the pace of a host that gives one a second, and stops when the budget is spent', () => {
    const { closed, asked, end } = play({ rate: 1, burst: 6, ports: 200, filtered: 0 })
    expect(end).toBeLessThan(88_000)
    expect(closed).toBeGreaterThan(65)
    // The first tries are for the ports that answer; after those, at least every other question brings something.
    expect(asked - 600).toBeLessThan(2 * closed)
  })

  it('is not slowed by packets that get lost', () => {
    for (const loss of [0.03, 0.1]) {
      const { closed, end } = play({ rate: 20, burst: 20, ports: 200, filtered: 0, loss })
      expect(closed).toBe(200)
      expect(end).toBeLessThan(15_000)
    }
  })

  it('finds the closed ports between those a firewall swallows, and gives each its turn', () => {
    const some = play({ rate: 5, burst: 5, ports: 200, filtered: 0.15 })
    expect(some.closed).toBe(170)
    expect(some.end).toBeLessThan(60_000)
    const rare = play({ rate: 1, burst: 6, ports: 200, filtered: 0.3, loss: 0.03 })
    expect(rare.closed).toBeGreaterThan(60)
  })

  it('finishes a host that gives fifty a second', () => {
    const { closed, end } = play({ rate: 50, burst: 50, ports: 500, filtered: 0 })
    expect(closed).toBe(500)
    expect(end).toBeLessThan(20_000)
  })

  it('wastes no time on a firewall, rationed ICMP behind it or not', () => {
    expect(play({ rate: 1e6, burst: 1e6, ports: 300, filtered: 0.9 }).end).toBeLessThan(2500)
    expect(play({ rate: 1e6, burst: 1e6, ports: 300, filtered: 1 }).end).toBeLessThan(2500)
    expect(play({ rate: 1, burst: 6, ports: 100, filtered: 0.97 }).end).toBeLessThan(25_000)
  })

  it('always comes to an end, and accounts for every port', () => {
    fc.assert(
      fc.property(
        fc.record({
          rate: fc.double({ min: 0.1, max: 2000, noNaN: true }),
          burst: fc.integer({ min: 1, max: 100 }),
          ports: fc.integer({ min: 1, max: 120 }),
          filtered: fc.double({ min: 0, max: 1, noNaN: true }),
          loss: fc.double({ min: 0, max: 0.3, noNaN: true }),
        }),
        (host) => {
          const { closed, believed, end } = play(host)
          expect(closed + believed).toBe(host.ports)
          expect(end).toBeLessThan(100_000)
        },
      ),
      { numRuns: 60 },
    )
  })
})
