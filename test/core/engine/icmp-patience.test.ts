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
}

/** Plays a scan of one host against `decide` in simulated time; returns what became of the ports, and when. */
function play({ rate, burst, ports, filtered }: Host): {
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
  const ask = (port: { at: number; position: number; tries: number; rested: boolean }) => {
    totals.asked++
    port.tries++
    port.rested = false
    tokens = Math.min(burst, tokens + ((port.at - refilled) * rate) / 1000)
    refilled = port.at
    if (port.position >= filtered * ports && tokens >= 1) {
      tokens--
      totals.closed++
      noteUnreachable(patience, 0, port.tries, port.at)
      return
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
    // The first tries are for the ports that answer; after those, at least four asks in five bring something.
    expect(asked - 600).toBeLessThan(1.25 * closed)
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
