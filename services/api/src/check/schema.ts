import { z } from 'zod'
import { line } from '../http/text.ts'

const text = z.string().nullable()

export const CheckRequest = z
  .strictObject({
    host: line({ max: 253 })
      .optional()
      .meta({ description: 'An address or a host name; unset: the address this request comes from.' }),
    port: z.int().min(1).max(65_535),
    transport: z.enum(['tcp', 'udp']).default('tcp'),
    service: z.boolean().default(true).meta({ description: 'Whether to find out what runs there.' }),
  })
  .meta({ id: 'CheckRequest' })
export type CheckRequest = z.output<typeof CheckRequest>

export const CheckResult = z
  .strictObject({
    ip: z.string(),
    state: z.enum(['open', 'closed', 'filtered', 'open|filtered']),
    reason: z.string(),
    rtt: z.number().nullable().meta({ description: 'Milliseconds.' }),
    detection: z.enum(['identified', 'unidentified', 'silent', 'tcpwrapped']).nullable(),
    service: z
      .strictObject({ name: z.string(), product: text, version: text, info: text, tls: z.boolean() })
      .nullable()
      .meta({ description: 'What said who it is; nothing is guessed from the port number.' }),
    meaning: z.string().meta({ description: 'What it means, in words.' }),
    tryNext: z.array(z.string()).meta({ description: 'What to look at when that is not what you wanted.' }),
  })
  .meta({ id: 'CheckResult' })
export type CheckResult = z.output<typeof CheckResult>

export const Check = z
  .strictObject({
    host: z.string(),
    port: z.int(),
    transport: z.enum(['tcp', 'udp']),
    results: z.array(CheckResult).meta({ description: 'One per address of the host.' }),
  })
  .meta({ id: 'Check' })
