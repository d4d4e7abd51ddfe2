import type { FinishScan } from '@portolan/core/jobs.ts'
import { attemptStep } from '../attempt-step.ts'
import { dispatchShards } from '../dispatch.ts'
import { endEarly } from '../end-scan.ts'
import type { Parts } from '../parts.ts'
import { endWithoutHistory, finishScan, OPEN_ENDED, tellCancelled } from './finish-scan.ts'

/** Finishes a scan, unless what seems to have changed is looked at once more before, or it fails again and again. */
export async function attemptFinish(parts: Parts, job: FinishScan): Promise<void> {
  const { scanId } = job
  const done = await attemptStep(parts, {
    scanId,
    statuses: OPEN_ENDED,
    async work() {
      for (const vantage of await finishScan(parts, job, { twice: true })) await dispatchShards(parts, vantage)
      return true
    },
    giveUp: (reason) => endEarly(parts, scanId, OPEN_ENDED, (client) => endWithoutHistory(client, scanId, reason)),
  })
  // Hardly ever: whoever is asked for was cancelled before it began.
  if (done === null) await tellCancelled(parts, job)
}
