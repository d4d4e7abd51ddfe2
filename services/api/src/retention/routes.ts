import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { loadRetention } from '@portolan/db/retention.ts'
import { audit } from '../http/audit.ts'
import type { Caller } from '../http/caller.ts'
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
    return ok(await planRetention(parts.db.pool, await loadRetention(parts.db.pool), parts.now()))
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
  answers: { 200: { description: 'Settings and plan.', schema: RetentionPlan } },
  async handle(call) {
    const { parts, caller } = call
    requireKeeper(caller)
    const after = sensible(call.body)
    await parts.db.prisma.$transaction(async (tx) => {
      const name = 'retention'
      const before = await tx.setting.findUnique({ where: { name } })
      await tx.setting.upsert({ where: { name }, create: { name, value: after }, update: { value: after } })
      const images = { ...(before && { before: { ...RetentionSettings.parse(before.value) } }), after }
      await audit(tx, call, { action: 'retention.set', targetType: 'setting', targetId: name, ...images })
    })
    return ok(await planRetention(parts.db.pool, after, parts.now()))
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
