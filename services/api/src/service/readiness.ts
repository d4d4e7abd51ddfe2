import { PLAN_QUEUE } from '@portolan/core/jobs.ts'
import type { Parts } from '../parts.ts'

type State = { readonly ok: boolean; readonly detail: string }

export interface ReadinessState {
  readonly status: 'ready' | 'not-ready'
  readonly database: State
  readonly migrations: State
  readonly queue: State
}

/** Milliseconds a part has to answer; a probe that hangs is worse than one that says no. */
const PATIENCE = 2_000

/** A scan is accepted without the queue (the tables are the truth), so the queue alone does not take us out. */
export async function readiness({ db, queues }: Pick<Parts, 'db' | 'queues'>): Promise<ReadinessState> {
  const [database, queue] = await Promise.all([
    ask(() => db.pool.query('SELECT 1').then(() => 'reachable')),
    ask(async () => `${queues.backend}, ${(await queues.queue(PLAN_QUEUE).counts()).waiting} waiting`),
  ])
  const migrations = database.ok ? await ask(() => migrated(db)) : { ok: false, detail: 'unknown' }
  return { status: database.ok && migrations.ok ? 'ready' : 'not-ready', database, migrations, queue }
}

async function migrated({ pool }: Parts['db']): Promise<string> {
  const { rows } = await pool.query<{ applied: number; failed: number }>(
    `SELECT count(*) FILTER (WHERE finished_at IS NOT NULL)::int AS applied,
       count(*) FILTER (WHERE finished_at IS NULL AND rolled_back_at IS NULL)::int AS failed FROM _prisma_migrations`,
  )
  const { applied = 0, failed = 0 } = rows[0] ?? {}
  if (failed > 0) throw new Error('a migration has failed')
  return `${applied} applied`
}

async function ask(work: () => Promise<string>): Promise<State> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error('no answer')), PATIENCE)
  try {
    return { ok: true, detail: await Promise.race([work(), late.promise]) }
  } catch (error) {
    // Anybody may read this: no host names, no addresses.
    const code = error instanceof Error && 'code' in error ? String(error.code) : null
    return { ok: false, detail: code ?? (error instanceof Error ? error.name : 'failed') }
  } finally {
    clearTimeout(timer)
  }
}
