import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { KEEP_ALL, loadRetention } from '@portolan/db/retention.ts'
import type { Caller } from '../http/caller.ts'
import { changeSetting } from '../http/change-setting.ts'
import { etagOf, requireMatch } from '../http/etag.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { planRetention } from './plan.ts'
import { RetentionPlan, RetentionSettings } from './schema.ts'

const TAG = 'History'
const FLAW = 'must be more than thinAfterDays, or what is thinned is gone already'

const read = operation({
  id: 'readRetention',
  method: 'get',
  path: '/v1/retention',
  tag: TAG,
  access: 'admin',
  summary: 'How long observations are kept',
  description: 'With what the next pass removes. What is remembered of endpoints, and every change, stays for ever.',
  answers: { 200: { description: 'Settings and plan.', schema: RetentionPlan } },
  async handle({ parts, caller }) {
    requireKeeper(caller)
    const settings = RetentionSettings.parse(await loadRetention(parts.db.pool))
    return ok(await planRetention(parts.db.pool, settings, parts.now()))
  },
})

const preview = operation({
  id: 'previewRetention',
  method: 'post',
  path: '/v1/retention/preview',
  tag: TAG,
  access: 'admin',
  summary: 'See what settings would remove',
  description: 'Removes and stores nothing.',
  body: RetentionSettings,
  bodyExample: { thinAfterDays: 90, dropAfterDays: 730 },
  answers: { 200: { description: 'The plan.', schema: RetentionPlan } },
  async handle({ parts, caller, body }) {
    requireKeeper(caller)
    return ok(await planRetention(parts.db.pool, sensible(body), parts.now()))
  },
})

const replace = operation({
  id: 'setRetention',
  method: 'put',
  path: '/v1/retention',
  tag: TAG,
  access: 'admin',
  summary: 'Say how long observations are kept',
  description:
    'For every project of this installation, so the admins of its default project say it. Workers remove what is due once a day.',
  body: RetentionSettings,
  bodyExample: { thinAfterDays: 90, dropAfterDays: 730 },
  conditional: true,
  answers: { 200: { description: 'Settings and plan.', schema: RetentionPlan } },
  problems: ['precondition-failed'],
  async handle(call) {
    const { parts, caller, request } = call
    requireKeeper(caller)
    const planOf = (settings: RetentionSettings) => planRetention(parts.db.pool, settings, parts.now())
    const after = await changeSetting(call, {
      name: 'retention',
      after: sensible(call.body),
      read: (value) => RetentionSettings.parse(value ?? KEEP_ALL),
      // Whoever read a plan agreed to what it removes; when that has grown, they should see it first.
      async judge(before) {
        if (request.headers['if-match'] !== undefined) requireMatch(request, await planOf(before))
      },
    })
    const plan = await planOf(after)
    return ok(plan, { ETag: etagOf(plan) })
  },
})

/** One table holds what every project's scans saw. */
function requireKeeper({ projectId }: Caller): void {
  if (projectId !== DEFAULT_PROJECT)
    throw new Problem('forbidden', 'retention is set by the default project of this installation')
}

function sensible(settings: RetentionSettings): RetentionSettings {
  const { thinAfterDays: thin, dropAfterDays: drop } = settings
  if (thin === null || drop === null || thin < drop) return settings
  const errors = [{ in: 'body', pointer: '#/dropAfterDays', detail: FLAW }] as const
  throw new Problem('validation', `dropAfterDays: ${FLAW}`, { errors })
}

export const retentionOperations: readonly Operation[] = [read, preview, replace]
