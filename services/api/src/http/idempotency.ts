/**
 * Idempotency-Key: a client that does not know whether its request arrived repeats it with the same key and gets the
 * first answer. The key is claimed before the work and completed in the same transaction as the work, so a process
 * that dies in between leaves either everything or nothing. Whoever was so slow that another took the claim over finds
 * it gone, and its work is undone.
 */
import { createHash } from 'node:crypto'
import type { Prisma } from '@portolan/db/client.ts'
import type { Pool } from 'pg'
import type { Answer, Call, Claim } from './operation.ts'
import { Problem } from './problem.ts'

export interface Idempotency {
  /** Runs the request, or answers it from the first time. What writes is given the claim, and completes it. */
  once(call: Call<unknown, unknown, unknown>, run: (claim: Claim | null) => Promise<Answer>): Promise<Answer>
  /**
   * In the transaction of the work: the answer is kept with it, and given back. Throws when somebody else has taken the
   * claim over, for then the work must not stay.
   */
  complete(
    tx: Pick<Prisma.TransactionClient, '$executeRawUnsafe'>,
    claim: Claim | null,
    answer: Answer,
  ): Promise<Answer>
}

/** How long a first answer is repeated. */
const KEEP_HOURS = 24
/** A claim this old without an answer belongs to a process that died, or that might as well have. */
const ABANDONED_SECONDS = 60

const CLAIM = {
  name: 'idempotency-claim',
  text: `INSERT INTO idempotency_keys AS k (project_id, key, request_hash, expires_at)
    VALUES ($1, $2, $3, now() + make_interval(hours => ${KEEP_HOURS}))
    ON CONFLICT (project_id, key) DO UPDATE
      SET request_hash = excluded.request_hash, status = NULL, headers = NULL, response = NULL,
          created_at = now(), expires_at = excluded.expires_at
      WHERE k.expires_at < now()
         OR (k.status IS NULL AND k.created_at < now() - make_interval(secs => ${ABANDONED_SECONDS}))
    RETURNING created_at::text AS since`,
}
const READ = `SELECT request_hash, status, headers, response FROM idempotency_keys WHERE project_id = $1 AND key = $2`
/** Only the claim as it was made: one that was taken over has another beginning. */
const MINE = `project_id = $1::uuid AND key = $2 AND created_at = $3::timestamptz AND status IS NULL`
const COMPLETE = `UPDATE idempotency_keys SET status = $4::int, headers = $5::jsonb, response = $6::jsonb WHERE ${MINE}`
const RELEASE = `DELETE FROM idempotency_keys WHERE ${MINE}`

interface Stored {
  readonly request_hash: Buffer
  readonly status: number | null
  readonly headers: Record<string, string> | null
  readonly response: unknown
}

/** What the request hears whose claim went to another. */
export const overtaken = () =>
  new Problem('idempotency-in-flight', 'this request took so long that another one with its key has begun anew', {
    headers: { 'Retry-After': '1' },
  })

const identityOf = ({ projectId, key, since }: Claim) => [projectId, key, since] as const
const storedOf = ({ status, headers = {}, body = null }: Answer) =>
  [status, JSON.stringify(headers), JSON.stringify(body)] as const

export function createIdempotency(pool: Pool): Idempotency {
  return {
    async once(call, run) {
      const key = keyOf(call)
      if (key === null) return run(null)
      const { projectId } = call.caller
      const hash = hashOf(call)
      const { rows } = await pool.query<{ since: string }>({ ...CLAIM, values: [projectId, key, hash] })
      const [claimed] = rows
      if (claimed === undefined) return replay(pool, { projectId, key, hash })
      const claim: Claim = { projectId, key, since: claimed.since, completed: false }
      try {
        const answer = await run(claim)
        // Nothing was written: a dry run.
        if (!claim.completed) await pool.query(COMPLETE, [...identityOf(claim), ...storedOf(answer)])
        return answer
      } catch (error) {
        // Nothing was done, so the corrected request may use the same key.
        await pool.query(RELEASE, [...identityOf(claim)])
        throw error
      }
    },
    async complete(tx, claim, answer) {
      if (claim === null) return answer
      const changed = await tx.$executeRawUnsafe(COMPLETE, ...identityOf(claim), ...storedOf(answer))
      if (changed === 0) throw overtaken()
      claim.completed = true
      return answer
    },
  }
}

type Repeated = Pick<Claim, 'projectId' | 'key'> & { readonly hash: Buffer }

async function replay(pool: Pool, { projectId, key, hash }: Repeated): Promise<Answer> {
  const { rows } = await pool.query<Stored>(READ, [projectId, key])
  const [stored] = rows
  if (stored && !stored.request_hash.equals(hash))
    throw new Problem('idempotency-mismatch', 'method, path or body differ from those of the first request', {
      errors: [{ in: 'header', pointer: '#/Idempotency-Key', detail: 'was used for another request' }],
    })
  if (!stored || stored.status === null)
    throw new Problem('idempotency-in-flight', 'the first request with this key has no answer yet', {
      headers: { 'Retry-After': '1' },
    })
  const headers = { ...stored.headers, 'Idempotent-Replayed': 'true' }
  return { status: stored.status, body: stored.response ?? undefined, headers }
}

function keyOf({ request }: Call<unknown, unknown, unknown>): string | null {
  const key = request.headers['idempotency-key']
  if (key === undefined) return null
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key
  const detail = 'must be 1 to 255 visible ASCII characters'
  throw new Problem('validation', `Idempotency-Key: ${detail}`, {
    errors: [{ in: 'header', pointer: '#/Idempotency-Key', detail }],
  })
}

function hashOf({ request, body }: Call<unknown, unknown, unknown>): Buffer {
  return createHash('sha256')
    .update(`${request.method} ${request.path}\n${JSON.stringify(body)}`)
    .digest()
}
