import { z } from 'zod'
import { KEY_SCOPES } from '../http/caller.ts'
import { id, line, moment } from '../http/text.ts'

export const SignIn = z
  .strictObject({ key: line({ max: 200 }).meta({ description: 'An API key, `ptl_<id>_<secret>`.' }) })
  .meta({ id: 'SignIn' })

export const Session = z
  .strictObject({
    keyId: id,
    keyName: z.string(),
    project: z.strictObject({ id, name: z.string() }),
    scopes: z.array(z.enum(KEY_SCOPES)),
    expiresAt: moment.nullable().meta({ description: 'When this ends by itself; null: never.' }),
  })
  .meta({ id: 'Session', description: 'Who is asking.' })
export type Session = z.output<typeof Session>
