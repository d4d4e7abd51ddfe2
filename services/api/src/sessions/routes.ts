/** Signing in to the dashboard with an API key: the browser keeps a cookie that no script can read, not the key. */
import { transaction } from '@portolan/db/transaction.ts'
import { audit, auditSql } from '../http/audit.ts'
import { ANONYMOUS, type Caller } from '../http/caller.ts'
import { type Call, noContent, type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import {
  expiredCookie,
  hashToken,
  makeSessionToken,
  requireOwnPage,
  sessionCookie,
  sessionToken,
} from '../http/session-cookie.ts'
import type { Parts } from '../parts.ts'
import { Session, SignIn } from './schema.ts'

const TAG = 'Sessions'

/** Milliseconds until a signed-in browser has to sign in again. */
const SESSION_AGE = 12 * 3_600_000

const signIn = operation({
  id: 'signIn',
  method: 'post',
  path: '/v1/session',
  tag: TAG,
  access: 'public',
  summary: 'Sign in',
  description:
    'For pages of the service itself. The cookie lasts twelve hours at most, and no longer than the key. Requests that change something are taken with it only from pages of this very origin.',
  body: SignIn,
  bodyExample: { key: `ptl_5f1e9c0a7b3d2468_${'x'.repeat(43)}` },
  answers: { 200: { description: 'Signed in.', schema: Session, headers: { 'Set-Cookie': 'The session.' } } },
  problems: ['unauthorized', 'cross-site'],
  async handle(call) {
    const { parts, request, body } = call
    requireOwnPage(request)
    const caller = await parts.keys.authenticateKey(body.key)
    if (caller.keyId === null) throw new Problem('unauthorized', 'this API key is not known')
    const { token, hash } = makeSessionToken()
    const latest = new Date(parts.now().getTime() + SESSION_AGE)
    const expiresAt = caller.expiresAt !== null && caller.expiresAt < latest ? caller.expiresAt : latest
    const data = { keyId: caller.keyId, tokenHash: hash, expiresAt }
    await parts.db.prisma.$transaction(async (tx) => {
      await tx.session.deleteMany({ where: { expiresAt: { lt: parts.now() } } })
      const { id } = await tx.session.create({ data })
      const entry = { action: 'session.create', targetType: 'session', targetId: id }
      await audit(tx, { ...call, caller }, { ...entry, after: { keyId: caller.keyId, expiresAt } })
    })
    const session = await describe(parts, { ...caller, expiresAt })
    return ok(session, { 'Set-Cookie': sessionCookie(request, token, expiresAt), 'Cache-Control': 'no-store' })
  },
})

const whoAmI = operation({
  id: 'getSession',
  method: 'get',
  path: '/v1/session',
  tag: TAG,
  access: 'read',
  summary: 'Who am I?',
  description: 'The key behind the session, or the one in the Authorization header.',
  answers: { 200: { description: 'The key and what it may do.', schema: Session } },
  async handle({ parts, caller }) {
    return ok(await describe(parts, caller), { 'Cache-Control': 'no-store' })
  },
})

const signOut = operation({
  id: 'signOut',
  method: 'delete',
  path: '/v1/session',
  tag: TAG,
  access: 'public',
  summary: 'Sign out',
  description: 'Ends the session of the cookie. Idempotent.',
  answers: {
    204: { description: 'There is no session any more.', headers: { 'Set-Cookie': 'The session, expired.' } },
  },
  problems: ['cross-site'],
  async handle(call) {
    const { parts, request } = call
    const token = sessionToken(request)
    if (token !== null) {
      requireOwnPage(request)
      await endSession(call, token)
      parts.keys.forget()
    }
    return { ...noContent, headers: { 'Set-Cookie': expiredCookie(request) } }
  },
})

type EndedSession = Pick<Caller, 'keyId' | 'keyName' | 'projectId'> & { readonly id: string; readonly expiresAt: Date }

/** On record as the act of the key that had signed in; a session that has ended already is no write. */
async function endSession(call: Call<unknown, unknown, unknown>, token: string): Promise<void> {
  await transaction(call.parts.db.pool, async (client) => {
    const { rows } = await client.query<EndedSession>(
      `DELETE FROM sessions s USING api_keys k WHERE s.token_hash = $1 AND k.id = s.key_id
       RETURNING s.id, s.expires_at AS "expiresAt", k.id AS "keyId", k.name AS "keyName", k.project_id AS "projectId"`,
      [hashToken(token)],
    )
    const [ended] = rows
    if (!ended) return
    const { id, expiresAt, ...who } = ended
    const entry = { action: 'session.delete', targetType: 'session', targetId: id }
    const before = { keyId: who.keyId, expiresAt }
    await auditSql(client, { ...call, caller: { ...ANONYMOUS, ...who } }, { ...entry, before })
  })
}

async function describe({ db }: Parts, { keyId, keyName, projectId, scopes, expiresAt }: Caller): Promise<Session> {
  const { rows } = await db.pool.query<{ name: string }>('SELECT name FROM projects WHERE id = $1', [projectId])
  return {
    keyId: keyId ?? '',
    keyName: keyName ?? '',
    project: { id: projectId, name: rows[0]?.name ?? '' },
    scopes: [...scopes],
    expiresAt: expiresAt?.toISOString() ?? null,
  }
}

export const sessionOperations: readonly Operation[] = [signIn, whoAmI, signOut]
