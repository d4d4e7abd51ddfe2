/**
 * How long to go on asking UDP ports of hosts that ration their "port unreachable" (Linux: one a second to each asker
 * after a burst of six). There, silence after a few tries means nothing, yet every port that is told closed costs the
 * host's next ration. So: ask a little faster than the host answers, each port in its turn, as long as that bears fruit,
 * up to a budget that grows with the number of ports; what is silent then is open|filtered.
 *
 * A question too many costs a packet, one too few a ration: the pace comes from how fast answers arrive, not from how
 * many questions stay silent. Packets get lost and firewalls swallow questions without the host being slow.
 * Pure functions of (state, now), one row of cells per host.
 */

import type { Decision, SilentProbe } from './silence.ts'

/** Fewest and most milliseconds between two questions to such a host. */
const FASTEST = 20
const SLOWEST = 2000
/** Questions for each answer there is time for. */
const AHEAD = 2
/** Answers the time between two is taken from; what has been seen to be possible is believed a while. */
const BLOCK = 6
const FORGET = 1.1
/** From so many silent questions in a row on each slows the pace: the host may have answered a burst, and be empty now. */
const PATIENT = 3
const SLOWER = 1.25
/** Share of the unreachables that came late and so show the rationing; fruitless questions in a row that refute it. */
const EVIDENCE = 0.1
const FRUITLESS = 12
/** Budget per port asked, and bounds of the whole, ms. */
const PER_PORT = 400
const LEAST = 8000
const MOST = 80_000
/** Tries every silent port gets before any of this. */
const TRIES = 3

const LATE = 0
const FIRST = 1
const HEARD = 2
const PACE = 3
const TURN = 4
const DEADLINE = 5
const BARREN = 6
/** Most tries any port has had. */
const ROUND = 7
/** Where the block of answers began, how many it has, and the shortest time between two that blocks have told, ms. */
const SINCE = 8
const COUNT = 9
const SHORTEST = 10
const CELLS = 11

export interface IcmpPatience {
  readonly hosts: Float64Array
  /** Ports asked of each host. */
  readonly ports: number
  /** Budget of one host, ms. */
  readonly budget: number
}

/** `hosts`: how many have a row; `ports`: how many are asked of each. */
export function createPatience(hosts: number, ports: number): IcmpPatience {
  const budget = Math.min(MOST, Math.max(LEAST, ports * PER_PORT))
  return { hosts: new Float64Array(hosts * CELLS), ports, budget }
}

/** A port of `host` was called unreachable in answer to try number `tries`. */
export function noteUnreachable({ hosts }: IcmpPatience, host: number, tries: number, now: number): void {
  const cells = hosts.subarray(host * CELLS, (host + 1) * CELLS)
  if (cells[HEARD] === 0) cells[FIRST] = now
  cells[HEARD]!++
  if (tries > 1) cells[LATE]!++
  cells[BARREN] = 0
  if (cells[DEADLINE]! > 0 && ++cells[COUNT]! >= BLOCK) endBlock(cells, now)
}

function endBlock(cells: Float64Array, now: number): void {
  const between = (now - cells[SINCE]!) / cells[COUNT]!
  cells[SHORTEST] = Math.min(between, cells[SHORTEST]! * FORGET)
  cells[PACE] = Math.max(FASTEST, cells[SHORTEST] / AHEAD)
  cells[SINCE] = now
  cells[COUNT] = 0
}

/** What to do about a port that stayed silent. */
export function decide({ hosts, ports, budget }: IcmpPatience, port: SilentProbe, now: number): Decision {
  const { host, position, tries, rested } = port
  if (tries < TRIES) return 'ask'
  const cells = hosts.subarray(host * CELLS, (host + 1) * CELLS)
  if (cells[LATE]! < Math.max(1, cells[HEARD]! * EVIDENCE)) return 'believe'
  if (cells[DEADLINE] === 0) begin(cells, now, budget)
  if (tries > TRIES && !rested) cells[BARREN]!++
  if (cells[BARREN]! >= FRUITLESS || now > cells[DEADLINE]!) return 'believe'
  const turn = turnOf(cells, tries)
  if (now >= turn) {
    cells[TURN] = now + paceOf(cells)
    cells[ROUND] = Math.max(cells[ROUND]!, tries)
    return 'ask'
  }
  // Spread, so that a handful of ports look at each turn and not all of them.
  const waiting = Math.max(1, ports - cells[HEARD]!)
  const spread = ((position * 0.6180339887) % 1) * (waiting / 8)
  return { rest: Math.min(turn + spread * cells[PACE]!, cells[DEADLINE]! + 1) - now }
}

function begin(cells: Float64Array, now: number, budget: number): void {
  cells[DEADLINE] = now + budget
  // What was heard so far, over the time it took; a guess that the next answers correct.
  cells[PACE] = Math.min(1000, Math.max(FASTEST, (now - cells[FIRST]!) / Math.max(1, cells[HEARD]!)))
  cells[SHORTEST] = Number.POSITIVE_INFINITY
  cells[SINCE] = now
  cells[ROUND] = TRIES
}

function paceOf(cells: Float64Array): number {
  return Math.min(SLOWEST, cells[PACE]! * SLOWER ** Math.max(0, cells[BARREN]! - PATIENT))
}

/** When a port with so many tries may be asked: those with fewer go first, if any of them is there in time. */
function turnOf(cells: Float64Array, tries: number): number {
  return cells[TURN]! + (tries > cells[ROUND]! ? Math.max(2 * cells[PACE]!, 100) : 0)
}
