/**
 * Has schedules run when they are due. The queue delivers (a delayed job each, whose id says when, so that adding it
 * again adds nothing); what is due stands in the tables, from which the jobs are made anew every other second: a queue
 * that loses everything delays a run by that much.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { parseScheduleJob, SCHEDULE_QUEUE, scheduleJob } from '@portolan/core/jobs.ts'
import type { Parts } from '../parts.ts'
import { runSchedule } from './run-schedule.ts'

export interface Scheduler {
  /** Begins nothing more. Runs under way end with the queue. */
  stop(): Promise<void>
}

const PERIOD = 2_000
/** How far ahead jobs are made, in seconds. */
const AHEAD = 10
const MOST = 1_000

const DUE = `
  SELECT id, next_run_at AS at FROM schedules
  WHERE NOT paused AND next_run_at < $1::timestamptz + make_interval(secs => ${AHEAD}) ORDER BY next_run_at LIMIT ${MOST}`

const MAY_BEGIN = `
  SELECT r.schedule_id AS id, r.id AS run FROM schedule_runs r JOIN schedules d ON d.id = r.schedule_id AND NOT d.paused
  WHERE r.outcome = 'waiting' AND NOT EXISTS (SELECT FROM scans s WHERE s.schedule_id = r.schedule_id
    AND s.status IN ('queued', 'planning', 'running', 'paused', 'finishing')) LIMIT ${MOST}`

export function startScheduler(parts: Parts): Scheduler {
  const { queues, log } = parts
  const over = new AbortController()
  const round = async () => {
    await enqueueDue(parts)
    if (over.signal.aborted || consuming) return
    // Not before the queue has answered once: one that never does keeps its consumers from closing.
    await queues.queue(SCHEDULE_QUEUE).counts()
    consume(parts)
    consuming = true
  }
  let consuming = false
  const running = (async () => {
    while (!over.signal.aborted) {
      await round().catch((err: unknown) => log.warn({ err }, 'schedules not looked at; will try again'))
      await sleep(PERIOD, undefined, { signal: over.signal }).catch(() => {})
    }
  })()
  return {
    async stop() {
      over.abort()
      await running
    },
  }
}

function consume(parts: Parts): void {
  const { queues, log } = parts
  queues.worker(
    SCHEDULE_QUEUE,
    async ({ id, data }) => {
      const job = parseScheduleJob(data)
      if (job === null) log.error({ job: id }, 'dropped a malformed job')
      else await runSchedule(parts, job.scheduleId)
    },
    { concurrency: 4 },
  )
}

/** Tells the queue of what is due soon. */
async function enqueueDue({ db, queues, now }: Parts): Promise<void> {
  const moment = now()
  const due = await db.pool.query<{ id: string; at: Date }>(DUE, [moment])
  const waiting = await db.pool.query<{ id: string; run: string }>(MAY_BEGIN)
  const jobs = [
    ...due.rows.map(({ id, at }) =>
      scheduleJob(id, String(at.getTime()), Math.max(0, at.getTime() - moment.getTime())),
    ),
    ...waiting.rows.map(({ id, run }) => scheduleJob(id, run)),
  ]
  if (jobs.length > 0) await queues.queue(SCHEDULE_QUEUE).add(...jobs)
}
