/** How long an answer may take: round trips measured per host and over all, for as many hosts as fit into a fixed table. */

import { waitAfter } from './pace/retry.ts'
import {
  createRtt,
  hostTimeout,
  observeRtt,
  RTT_CELLS,
  type TimeoutLimits,
  timeoutLimits,
  timeoutOf,
} from './pace/rtt.ts'
import type { WalkTask } from './walk-task.ts'

/** Hosts with a cell of their own; beyond, hosts share: less exact, never more memory. */
export const HOST_CELLS = 65_536
/** Samples after which the first, blind waits are worth revising. */
const ENOUGH = 3

/** What a transport wants beside the usual waits, all in ms. */
export interface WaitRules {
  /** The kernel repeats a try by itself after this long: waits end before, where the round trip allows. */
  readonly repeatsAfter?: number
  /** No wait after try 1, 2, ... is shorter (the last one counts for all further tries). */
  readonly floors?: readonly number[]
}

export class Timeouts {
  readonly #limits: TimeoutLimits
  readonly #hosts: Float64Array
  readonly #group = createRtt()
  readonly #repeatsAfter: number
  readonly #floors: readonly number[]
  #settled = false

  constructor({ timeout, space }: WalkTask, { repeatsAfter = Number.POSITIVE_INFINITY, floors = [] }: WaitRules) {
    this.#limits = timeoutLimits(timeout)
    this.#hosts = new Float64Array(RTT_CELLS * Math.min(HOST_CELLS, space.hosts))
    this.#repeatsAfter = repeatsAfter
    this.#floors = floors
  }

  /** Milliseconds to wait after try number `tries` to the host of `cell`; `last`: no further try follows. */
  wait(cell: number, tries: number, last: boolean): number {
    const timeout = hostTimeout(this.#hosts, cell * RTT_CELLS, this.#group, this.#limits)
    const floor = this.#floors[Math.min(tries, this.#floors.length) - 1] ?? 0
    const wait = Math.min(Math.max(floor, waitAfter(tries, timeout, last)), this.#limits.max)
    return timeout < this.#repeatsAfter || timeout === this.#limits.initial ? Math.min(wait, this.#repeatsAfter) : wait
  }

  observe(cell: number, rtt: number): void {
    observeRtt(this.#hosts, cell * RTT_CELLS, rtt)
    observeRtt(this.#group, 0, rtt)
  }

  /** True once: when enough is known to shorten the waits that began before anything was. */
  get justSettled(): boolean {
    if (this.#settled || (this.#group[2] ?? 0) < ENOUGH) return false
    this.#settled = true
    return true
  }

  /** What the congestion control wants to know: the round trip, and when a lost try has been noticed. */
  get settling(): { readonly rtt: number; readonly settle: number } {
    const timeout = timeoutOf(this.#group, 0, this.#limits)
    return { rtt: this.#group[0] ?? 0, settle: waitAfter(1, timeout, false) + timeout }
  }
}
