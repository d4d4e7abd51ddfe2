/**
 * What is known of each host: a cell per host in columns. Up to CELLS hosts each have their own; beyond, a cell goes to
 * the next host that needs it once nothing of the last one is under way, or is shared until then: less is known, never
 * more memory is used.
 */
import {
  answeringShare,
  createTally,
  expectedLoss,
  hostLoss,
  type LossTally,
  lossEstimate,
  missChance,
  recallEstimate,
  trueLoss,
} from '../pace/loss.ts'
import { type HostEvidence, missesOnSilentHost, triesOnSilentHost, triesWanted } from '../pace/retry.ts'
import { createRtt, hostTimeout, observeRtt, RTT_CELLS, type TimeoutLimits, timeoutOf } from '../pace/rtt.ts'

const CELLS = 65_536

export interface HostsOptions {
  readonly hosts: number
  /** Positions in the task. */
  readonly positions: number
  /** Fixed number of tries, undefined to adapt. */
  readonly tries: number | undefined
  readonly limits: TimeoutLimits
}

export class Hosts {
  readonly cells: number
  readonly tally: LossTally = createTally()
  readonly #calm: LossTally = createTally()
  /** Answered positions, and the misses expected among the silent ones. */
  answeredPositions = 0
  missed = 0
  readonly answered: Uint32Array
  readonly lost: Uint32Array
  /** Positions whose first try was answered or timed out. */
  readonly #judged: Uint32Array
  readonly #refs: Int32Array
  readonly #tags: Float64Array
  readonly #rtt: Float64Array
  readonly #group = createRtt()
  readonly #options: HostsOptions
  #judgedPositions = 0
  #askedHosts = 0
  #heardHosts = 0
  #fewHosts = 0
  #judgedOnHeard = 0
  #evidence: HostEvidence
  #common = 2
  /** Tries on a silent host by log2 of its judged ports. */
  readonly #onSilent = new Uint8Array(17).fill(2)

  constructor(options: HostsOptions) {
    this.#options = options
    this.cells = Math.min(CELLS, options.hosts)
    this.answered = new Uint32Array(this.cells)
    this.lost = new Uint32Array(this.cells)
    this.#judged = new Uint32Array(this.cells)
    this.#refs = new Int32Array(this.cells)
    this.#tags = new Float64Array(this.cells).fill(-1)
    this.#rtt = new Float64Array(this.cells * RTT_CELLS)
    this.#evidence = this.#weigh()
  }

  /** The cell of host number `ordinal`, held until `release`. */
  hold(ordinal: number): number {
    const cell = ordinal % this.cells
    if (this.#tags[cell] !== ordinal && this.#refs[cell] === 0) {
      if (this.#tags[cell] !== -1) this.#clear(cell)
      this.#tags[cell] = ordinal
    }
    this.#refs[cell] = this.#refs[cell]! + 1
    return cell
  }

  release(cell: number): void {
    this.#refs[cell] = this.#refs[cell]! - 1
  }

  #clear(cell: number): void {
    this.answered[cell] = 0
    this.lost[cell] = 0
    this.#judged[cell] = 0
    this.#rtt.fill(0, cell * RTT_CELLS, (cell + 1) * RTT_CELLS)
  }

  /** The first try to a port of this host has been answered, or timed out. */
  noteJudged(cell: number): void {
    if (this.#judged[cell] === 0) this.#askedHosts++
    this.#judged[cell] = this.#judged[cell]! + 1
    this.#judgedPositions++
    if (this.answered[cell]! > 0) this.#judgedOnHeard++
  }

  /** A port of this host is answered; `rtt` in ms when it is known. */
  noteAnswered(cell: number, rtt: number | null): void {
    const before = this.answered[cell]!
    this.answered[cell] = before + 1
    this.answeredPositions++
    this.tally.answered++
    this.#calm.answered++
    if (before === 0) {
      this.#heardHosts++
      this.#fewHosts++
      this.#judgedOnHeard += this.#judged[cell]!
    } else if (before === 2) this.#fewHosts--
    if (rtt === null) return
    observeRtt(this.#rtt, cell * RTT_CELLS, rtt)
    observeRtt(this.#group, 0, rtt)
  }

  /**
   * `packets` to this host turned out to be lost, or (negative) not to be; `tries` of them outside any overload: those
   * tell what to expect of the next.
   */
  noteLost(cell: number, packets: number, tries: number): void {
    this.tally.lost = Math.max(0, this.tally.lost + packets)
    this.#calm.lost = Math.max(0, this.#calm.lost + tries)
    this.lost[cell] = Math.max(0, this.lost[cell]! + tries)
  }

  /** The rate has been cut: what was lost before says little about what will be. */
  calmDown(): void {
    this.#calm.answered = 0
    this.#calm.lost = 0
  }

  /** A port is believed silent after `tries`. */
  noteSilent(cell: number, tries: number): void {
    const judged = Math.max(1, this.#judged[cell]!)
    if (this.answered[cell]! > 0) {
      const loss = this.#lossOf(cell)
      this.missed += missChance(answeringShare(this.answered[cell]! / judged, loss, tries), loss, tries)
    } else this.missed += Math.min(1, missesOnSilentHost(this.#evidence, judged, tries) / judged)
  }

  #lossOf(cell: number): number {
    const seen = hostLoss({ answered: this.answered[cell]!, lost: this.lost[cell]! }, expectedLoss(this.#calm))
    return trueLoss(seen, this.#options.tries ?? 0)
  }

  /** Draws the conclusions from all that was noted; a hundred times a second is enough. */
  conclude(): void {
    this.#evidence = this.#weigh()
    this.#common = triesWanted(this.#evidence)
    for (let power = 0; power < this.#onSilent.length; power++)
      this.#onSilent[power] = Math.min(this.#common, triesOnSilentHost(this.#evidence, 2 ** power))
  }

  #weigh(): HostEvidence {
    const { positions, hosts } = this.#options
    const judged = this.#judgedPositions
    return {
      answering: judged > 0 ? (positions * this.answeredPositions) / judged : positions,
      loss: trueLoss(expectedLoss(this.#calm), this.#options.tries ?? 0),
      hosts,
      asked: this.#askedHosts,
      heard: Math.min(this.#heardHosts, this.#askedHosts),
      few: this.#fewHosts,
      share: this.#judgedOnHeard > 0 ? Math.min(1, this.answeredPositions / this.#judgedOnHeard) : 1,
    }
  }

  /** How many tries a silent port of this host deserves. */
  tries(cell: number): number {
    const { tries, positions } = this.#options
    if (tries !== undefined) return tries
    if (this.answered[cell] === 0) return this.#onSilent[Math.floor(Math.log2(Math.max(1, this.#judged[cell]!)))]!
    if (this.lost[cell] === 0) return this.#common
    // A host that loses more than the rest is asked more often.
    const answering = (this.answered[cell]! / Math.max(1, this.#judged[cell]!)) * (positions / this.#options.hosts)
    const loss = Math.max(this.#evidence.loss, this.#lossOf(cell))
    return Math.max(this.#common, triesWanted({ answering, loss }))
  }

  /** Milliseconds an answer from this host may take. */
  timeout(cell: number): number {
    return hostTimeout(this.#rtt, cell * RTT_CELLS, this.#group, this.#options.limits)
  }

  get groupTimeout(): number {
    return timeoutOf(this.#group, 0, this.#options.limits)
  }

  /** Smoothed round trip over all hosts, null before the first. */
  get groupRtt(): number | null {
    return this.#group[2]! > 0 ? this.#group[0]! : null
  }

  get lossEstimate(): number {
    return trueLoss(lossEstimate(this.tally), this.#options.tries ?? 0)
  }

  get recallEstimate(): number {
    return recallEstimate(this.answeredPositions, this.missed)
  }
}
