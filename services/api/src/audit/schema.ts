import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment } from '../http/text.ts'

export const AuditEntry = z
  .strictObject({
    id,
    at: moment,
    actor: z.string().meta({ description: 'The name of the key, or the part of the service that acted.' }),
    keyId: id.nullable(),
    address: z.string().nullable().meta({ description: 'Where the request came from.' }),
    requestId: z.string().nullable(),
    action: z.string().meta({ examples: ['scope.create', 'scan.start', 'key.revoke'] }),
    targetType: z.string(),
    targetId: z.string().nullable(),
    before: z.unknown().meta({ description: 'What it was; null when it was not there.' }),
    after: z.unknown().meta({ description: 'What it became, or was asked for; null when it is gone.' }),
  })
  .meta({ id: 'AuditEntry' })
export type AuditEntry = z.output<typeof AuditEntry>

export const AuditPage = pageOf(AuditEntry, 'AuditPage')

export const ListAudit = z.strictObject({
  action: line({ max: 100 }).optional().meta({ description: 'Only this action, such as `scope.create`.' }),
  targetId: line({ max: 100 }).optional().meta({ description: 'Only what was done to this thing.' }),
  keyId: id.optional().meta({ description: 'Only what this key did.' }),
  since: moment.optional(),
  until: moment.optional(),
  ...paging,
})
