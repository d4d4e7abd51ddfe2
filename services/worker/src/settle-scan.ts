import { FINISH_QUEUE, finishJob } from '@portolan/core/jobs.ts'
import { settleScans } from '@portolan/db/settle-scans.ts'
import { afresh } from './afresh.ts'
import type { Parts } from './parts.ts'

/** Leases: it takes long where much was found, and a second one would only wait for the first. */
const FINISH_LEASES = 20

export async function askToFinish(
  { queues, lease }: Pick<Parts, 'queues' | 'lease'>,
  scanIds: readonly string[],
): Promise<void> {
  for (const id of scanIds) await queues.queue(FINISH_QUEUE).add(afresh(finishJob(id), lease, FINISH_LEASES))
}

/** After a step of the scan: its status follows at once, and its end is asked for when nothing is left to do. */
export async function settleScan(parts: Pick<Parts, 'db' | 'queues' | 'lease'>, scanId: string): Promise<void> {
  await askToFinish(parts, await settleScans(parts.db, scanId))
}
