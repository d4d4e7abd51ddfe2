import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { CidrText, cidr } from '../http/network.ts'
import { id, line, moment } from '../http/text.ts'

export const CreateDoNotScan = z
  .strictObject({
    cidr,
    reason: line({ max: 1000 }).meta({ description: 'Why nobody may scan them: told to everybody who tries.' }),
  })
  .meta({ id: 'CreateDoNotScan' })

export const DoNotScan = z
  .strictObject({ id, cidr: CidrText, reason: z.string(), createdAt: moment })
  .meta({ id: 'DoNotScan' })
export type DoNotScan = z.output<typeof DoNotScan>

export const DoNotScanPage = pageOf(DoNotScan, 'DoNotScanPage')
export const DoNotScanPath = z.strictObject({ id })
export const ListDoNotScan = z.strictObject(paging)
