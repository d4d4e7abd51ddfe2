/** The UDP engine: asks each port in the language it is expected to speak, and says honestly what silence means. */
import { COMMON_QUESTIONS, questionsByPort } from '#core/probe/udp/questions.ts'
import type { UdpQuestion } from '#core/probe/udp-question.ts'
import type { Engine, ScanTask } from './engine.ts'
import { createPatience, decide, noteUnreachable } from './icmp-patience.ts'
import type { HealthLimits } from './local-health.ts'
import { bePrompt } from './promptness.ts'
import { originOf } from './scan-origin.ts'
import { runScan } from './scan-run.ts'
import { Schedule } from './schedule.ts'
import { HOST_CELLS } from './timeouts.ts'
import { ANSWERED_BEFORE, NOT_ASKED, type ProbeBook, UdpProber } from './udp-prober.ts'
import { UdpQuestioner } from './udp-questioner.ts'

const WINDOW = 1 << 18
/** Hosts that ration ICMP give one a second: the later tries are far enough apart to find the next ration. */
const WAITS = { floors: [250, 900, 900, 250] }

export interface UdpOptions {
  readonly questions?: ReadonlyMap<number, readonly UdpQuestion[]>
  readonly healthLimits?: HealthLimits
  /** Milliseconds, monotonic. */
  readonly clock?: () => number
}

/** Linux only: `scan` throws LocalTrouble (`NO_LIBC`) elsewhere. */
export function createUdpEngine(options: UdpOptions = {}): Engine {
  const { questions, healthLimits, clock = () => performance.now() } = options
  return {
    name: 'udp',
    async *scan(task, signal) {
      const patience = createPatience(Math.min(HOST_CELLS, task.space.hosts), task.space.ports)
      const schedule: Schedule = new Schedule({
        task,
        now: clock(),
        window: WINDOW,
        silence: 'open|filtered',
        waits: WAITS,
        ...(task.retries === undefined && { patience: (port, now) => decide(patience, port, now) }),
      })
      const book: ProbeBook = {
        locate: (target) => locate(task, schedule, task.space.positionOf(target)),
        triesOf: (slot) => schedule.triesOf(slot),
        sentAt: (slot) => schedule.sentAt(slot),
        unreachable: (slot, now) => noteUnreachable(patience, schedule.hostOf(slot), schedule.triesOf(slot), now),
      }
      const prober = new UdpProber({
        origin: originOf(task, task.space.plan.addresses),
        book,
        questioner: new UdpQuestioner(questions ?? questionsByPort(), COMMON_QUESTIONS),
      })
      const parts = { task, schedule, prober, silence: 'open|filtered', clock } as const
      const relax = bePrompt(task)
      try {
        yield* runScan(healthLimits ? { ...parts, healthLimits } : parts, signal)
      } finally {
        relax()
      }
    },
  }
}

function locate({ from, to }: ScanTask, schedule: Schedule, position: number): number {
  if (position < from || position >= to) return NOT_ASKED
  const slot = schedule.slotOf(position)
  return slot < 0 ? ANSWERED_BEFORE : slot
}
