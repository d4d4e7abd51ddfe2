/**
 * How long to go on asking UDP ports of hosts that ration their "port unreachable" (Linux: one a second to each asker
 * after a burst of six). There, silence after a few tries means nothing, yet every port that is told closed costs the
 * host's next ration. So: ask at the pace the host answers, as long as that bears fruit, up to a budget that grows with
 * the number of ports; what is silent then is open|filtered. Pure functions of (state, now), one cell per host.
 */

import type { Decision, SilentProbe } from './silence.ts'

/** Fewest and most milliseconds between two questions to such a host. */
const FASTEST = 20
const SLOWEST = 2000
/** A question that stays silent slows the pace, one that is answered quickens it: about eleven in twelve are answered. */
const SLOWER = 1.25
const QUICKER = 0.98
/** Share of the unreachables that came late and so show the rationing; fruitless questions in a row that refute it. */
const EVIDENCE = 0.1
const FRUITLESS = 8
/** Budget per port asked, and bounds of the whole, ms. */
const PER_PORT = 400
const LEAST = 8000
const MOST = 80_000
/** Tries every silent port gets before any of this. */
const TRIES = 3

/** Per host: late unreachables | first heard | heard in all | pace | next turn | deadline | fruitless in a row. */
const CELLS = 7
const LATE = 0
const FIRST = 1
const HEARD = 2
const PACE = 3
const TURN = 4
const DEADLINE = 5
const BARREN = 6

export interface IcmpPatience {
  readonly hosts: Float64Array
  /** Ports asked of each host. */
  readonly ports: number
  /** Budget of one host, ms. */
  readonly budget: number
}

/** `hosts`: how many have a cell; `ports`: how many are asked of each. */
export function createPatience(hosts: number, ports: number): IcmpPatience {
  const budget = Math.min(MOST, Math.max(LEAST, ports * PER_PORT))
  return { hosts: new Float64Array(hosts * CELLS), ports, budget }
}

/** A port of `host` was called unreachable in answer to try number `tries`. */
export function noteUnreachable({ hosts }: IcmpPatience, host: number, tries: number, now: number): void {
  const at = host * CELLS
  if (hosts[at + HEARD] === 0) hosts[at + FIRST] = now
  hosts[at + HEARD]!++
  if (tries > 1) hosts[at + LATE]!++
  hosts[at + BARREN] = 0
  if (hosts[at + DEADLINE]! > 0) hosts[at + PACE] = Math.max(FASTEST, hosts[at + PACE]! * QUICKER)
}

/** What to do about a port that stayed silent. */
export function decide(patience: IcmpPatience, port: SilentProbe, now: number): Decision {
  const { host, tries, rested } = port
  if (tries < TRIES) return 'ask'
  const { hosts, budget, ports } = patience
  const at = host * CELLS
  if (hosts[at + LATE]! < Math.max(1, hosts[at + HEARD]! * EVIDENCE)) return 'believe'
  if (hosts[at + DEADLINE] === 0) {
    hosts[at + DEADLINE] = now + budget
    // What was heard so far, over the time it took; a guess that the next answers correct.
    hosts[at + PACE] = Math.min(1000, Math.max(FASTEST, (now - hosts[at + FIRST]!) / Math.max(1, hosts[at + HEARD]!)))
  }
  if (tries > TRIES && !rested) {
    hosts[at + BARREN]!++
    hosts[at + PACE] = Math.min(SLOWEST, hosts[at + PACE]! * SLOWER)
  }
  if (hosts[at + BARREN]! >= FRUITLESS || now > hosts[at + DEADLINE]!) return 'believe'
  if (now >= hosts[at + TURN]!) {
    hosts[at + TURN] = now + hosts[at + PACE]!
    return 'ask'
  }
  // Spread, so that a handful of ports look at each turn and not all of them.
  const waiting = Math.max(1, ports - hosts[at + HEARD]!)
  const spread = ((port.position * 0.6180339887) % 1) * (waiting / 8)
  const rest = hosts[at + TURN]! - now + spread * hosts[at + PACE]!
  return { rest: Math.min(rest, hosts[at + DEADLINE]! - now + 1) }
}
