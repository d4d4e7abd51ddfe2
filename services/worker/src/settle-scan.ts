import { FINISH_QUEUE, finishJob } from '@portolan/core/jobs.ts'
import { settleScans } from '@portolan/db/settle-scans.ts'
import type { Parts } from './parts.ts'

/** After a step of the scan: its status follows at once, and its end is asked for when nothing is left to do. */
export async function settleScan({ db, queues }: Pick<Parts, 'db' | 'queues'>, scanId: string): Promise<void> {
  for (const id of await settleScans(db, scanId)) await queues.queue(FINISH_QUEUE).add(finishJob(id))
}
