/** Sends what is in the outbox, again and again: the part of a worker that tells people. */
import type pg from 'pg'
import type { WorkerOptions } from '../create-parts.ts'
import type { Parts } from '../parts.ts'
import { createRhythm } from '../rhythm.ts'
import { deliver, type Ways } from './deliver.ts'
import { guardOf } from './guard.ts'
import { createMail } from './mail.ts'
import { gatherDigests, recordAttempt, type Taken, takeDue } from './outbox.ts'

export interface Notifier {
  /** Looks at the outbox now. */
  hurry(): void
  /** Waits for the attempts under way. */
  stop(): Promise<void>
}

/** Milliseconds between two looks at the outbox. */
const PERIOD = 1_000
/** Attempts at once: one slow receiver must not hold up the others. */
const AT_ONCE = 16

export type NotifierOptions = { readonly db: pg.Pool; readonly ways: Ways; readonly onError: (error: unknown) => void }

export function createNotifier({ db, ways, onError }: NotifierOptions): Notifier {
  const running = new Set<Promise<void>>()
  let look: () => void = () => {}
  const attempt = async (taken: Taken): Promise<void> => {
    const begun = performance.now()
    const outcome = await deliver(taken, ways)
    await recordAttempt(db, taken, outcome, performance.now() - begun)
  }
  const round = async () => {
    await gatherDigests(db)
    const due = await takeDue(db, AT_ONCE - running.size)
    for (const taken of due) {
      const run = attempt(taken)
        // Not recorded: the delivery is due again when its minute is over.
        .catch(onError)
        .finally(() => {
          running.delete(run)
          // There may be more, and the next of this place is free now.
          look()
        })
      running.add(run)
    }
  }
  const rhythm = createRhythm(PERIOD, round, onError)
  look = () => rhythm.hurry()
  return {
    hurry: look,
    async stop() {
      await rhythm.stop()
      await Promise.all(running)
    },
  }
}

/** Null when this worker is to send none. */
export function startNotifier(
  { db, controlPlane }: Pick<Parts, 'db' | 'controlPlane'>,
  { notify, client }: Pick<WorkerOptions, 'notify' | 'client'>,
  onError: (error: unknown) => void,
): Notifier | null {
  if (notify === null) return null
  const sendMail = notify.mailServer && createMail(notify.mailServer)
  return createNotifier({ db, ways: { guard: guardOf(notify.networks, controlPlane), sendMail, client }, onError })
}
