/** What goes wrong, when, in an order that a seed decides. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Installation } from './installation.ts'

/** Whole numbers from 0 to below; the same for the same seed. */
export type Dice = (below: number) => number

export function diceOf(seed: number): Dice {
  let state = seed >>> 0
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

type Fault = (installation: Installation, dice: Dice) => Promise<void>

const anyWorker = ({ workers }: Installation, dice: Dice) => workers[dice(workers.length)]!

const FAULTS: Readonly<Record<string, Fault>> = {
  'kill -9 a worker': (all, dice) => all.strike(anyWorker(all, dice), 'SIGKILL', dice(1_500)),
  'SIGTERM a worker': (all, dice) => all.strike(anyWorker(all, dice), 'SIGTERM', dice(1_500)),
  'freeze a worker for longer than its lease': (all, dice) => all.freeze(anyWorker(all, dice), 2_000 + dice(2_000)),
  'kill -9 the API': (all, dice) => all.strike(all.api, 'SIGKILL', dice(1_000)),
  'SIGTERM the API': (all, dice) => all.strike(all.api, 'SIGTERM', dice(1_000)),
  'the queue loses everything': (all) => all.wipeQueue(),
  'restart the queue': (all) => all.restartRedis(),
  'kill -9 PostgreSQL': (all) => all.killPostgres(),
  'restart PostgreSQL': (all) => all.restartPostgres(),
}
const NAMES = Object.keys(FAULTS)
/** Workers die most often, databases least: a cluster in a bad week. */
const WEIGHTS: Readonly<Record<string, number>> = {
  'kill -9 a worker': 4,
  'SIGTERM a worker': 3,
  'kill -9 PostgreSQL': 1,
}
const BAG = NAMES.flatMap((name) => Array<string>(WEIGHTS[name] ?? 2).fill(name))

export type Trouble = {
  /** Ends when told to, after the fault under way, everything running again. */
  stop(): Promise<void>
  readonly told: readonly string[]
}

/** One fault after another, until stopped or `most` have been. */
export function makeTrouble(installation: Installation, dice: Dice, most: number): Trouble {
  const told: string[] = []
  let over = false
  const run = async () => {
    while (!over && told.length < most) {
      await sleep(200 + dice(1_200))
      if (over) return
      const name = BAG[dice(BAG.length)]!
      told.push(name)
      await FAULTS[name]!(installation, dice)
    }
  }
  const running = run()
  return {
    told,
    async stop() {
      over = true
      await running
      await installation.answering()
    },
  }
}
