/**
 * Idempotency-Key: a client that does not know whether its request arrived repeats it with the same key and gets the
 * first answer. The key is claimed before the work and completed in the same transaction as the work, so a process
 * that dies in between leaves either everything or nothing.
 */
import { createHash } from 'node:crypto'
import type { Pool, PoolClient } from 'pg'
import type { Answer, Call, Claim } from './operation.ts'
import { Problem } from './problem.ts'

export interface Idempotency {
  once(call: Call<unknown, unknown, unknown>, run: (claim: Claim | null) => Promise<Answer>): Promise<Answer>
}

/** How long a first answer is repeated. */
const KEEP_HOURS = 24
/** A claim this old without an answer belongs to a process that died: no request runs that long. */
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
    RETURNING 1`,
}
const READ = `SELECT request_hash, status, headers, response FROM idempotency_keys WHERE project_id = $1 AND key = $2`
const COMPLETE = `UPDATE idempotency_keys SET status = $3, headers = $4, response = $5 WHERE project_id = $1 AND key = $2`
const RELEASE = `DELETE FROM idempotency_keys WHERE project_id = $1 AND key = $2 AND status IS NULL`

interface Stored {
  readonly request_hash: Buffer
  readonly status: number | null
  readonly headers: Record<string, string> | null
  readonly response: unknown
}

/** Completes a claim; with a client in a transaction, together with the work. */
export async function complete(db: Pool | PoolClient, claim: Claim, answer: Answer): Promise<void> {
  const { status, headers = {}, body = null } = answer
  claim.completed = true
  await db.query(COMPLETE, [claim.projectId, claim.key, status, JSON.stringify(headers), JSON.stringify(body)])
}

export function createIdempotency(pool: Pool): Idempotency {
  return {
    async once(call, run) {
      const key = keyOf(call)
      if (key === null) return run(null)
      const claim: Claim = { projectId: call.caller.projectId, key, completed: false }
      const hash = hashOf(call)
      const claimed = await pool.query({ ...CLAIM, values: [claim.projectId, key, hash] })
      if (claimed.rowCount === 0) return replay(pool, claim, hash)
      try {
        const answer = await run(claim)
        if (!claim.completed) await complete(pool, claim, answer)
        return answer
      } catch (error) {
        // Nothing was done, so the corrected request may use the same key.
        await pool.query(RELEASE, [claim.projectId, key])
        throw error
      }
    },
  }
}

async function replay(pool: Pool, { projectId, key }: Claim, hash: Buffer): Promise<Answer> {
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
