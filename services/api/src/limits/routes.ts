import { DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { changeSetting } from '../http/change-setting.ts'
import { etagOf, requireMatch } from '../http/etag.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import { Limits, NO_LIMITS } from './schema.ts'

const TAG = 'Workers'
/** Read by the SQL function rate_limit. */
const NAME = 'limits'

const get = operation({
  id: 'getLimits',
  method: 'get',
  path: '/v1/limits',
  tag: TAG,
  access: 'read',
  summary: 'Read the rate limits of the installation',
  description: 'They hold over all workers and scans, beside the rates of each scan; the slowest wins.',
  answers: { 200: { description: 'The limits.', schema: Limits } },
  async handle({ parts }) {
    const row = await parts.db.prisma.setting.findFirst({ where: { name: NAME } })
    return ok(Limits.parse(row?.value ?? NO_LIMITS))
  },
})

const set = operation({
  id: 'setLimits',
  method: 'put',
  path: '/v1/limits',
  tag: TAG,
  access: 'admin',
  summary: 'Set the rate limits of the installation',
  description: 'Replaces all of them, and takes effect within two seconds, on every worker and running scan.',
  body: Limits,
  bodyExample: { global: 50_000, perHost: 200, vantages: { office: 5_000 } },
  conditional: true,
  answers: { 200: { description: 'The limits as they are now.', schema: Limits } },
  problems: ['precondition-failed'],
  async handle(call) {
    if (call.caller.projectId !== DEFAULT_PROJECT)
      throw new Problem('forbidden', 'the limits are kept by the default project of this installation')
    const limits = await changeSetting(call, {
      name: NAME,
      after: call.body,
      read: (value) => Limits.parse(value ?? NO_LIMITS),
      judge: (before) => requireMatch(call.request, before),
    })
    return ok(limits, { ETag: etagOf(limits) })
  },
})

export const limitOperations: readonly Operation[] = [get, set]
