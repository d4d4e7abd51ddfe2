import { z } from 'zod'
import { pageOf, paging } from '../http/cursor.ts'
import { id, line, moment } from '../http/text.ts'

export const IMPORT_FORMATS = ['nmap-xml', 'masscan', 'ndjson'] as const
export type ImportFormat = (typeof IMPORT_FORMATS)[number]

export const ImportQuery = z.strictObject({
  format: z
    .enum(IMPORT_FORMATS)
    .optional()
    .meta({ description: 'Beats the media type. `masscan` is its JSON (-oJ) or list (-oL).' }),
  vantage: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _')
    .default('default')
    .meta({ description: 'Where the scanner stood.' }),
  label: line({ max: 200 }).optional().meta({ description: 'Name of the scan that is made of it.' }),
})
export type ImportQuery = z.output<typeof ImportQuery>

export const ImportReport = z
  .strictObject({
    scanner: z.string(),
    version: z.string().nullable(),
    hosts: z.int(),
    endpoints: z.int(),
    complete: z.boolean().meta({ description: 'False for a file that ends early; what came before is taken over.' }),
    skipped: z.int().meta({ description: 'Lines or elements that were not taken over.' }),
    problems: z
      .array(z.strictObject({ line: z.int(), problem: z.string() }))
      .meta({ description: 'Why, for the first hundred of them.' }),
  })
  .meta({ id: 'ImportReport' })
export type ImportReport = z.output<typeof ImportReport>

export const Import = z
  .strictObject({
    id,
    format: z.enum(IMPORT_FORMATS),
    sha256: z.string().meta({ description: 'Of the file.' }),
    scanId: id.nullable().meta({ description: 'The past scan that was made of it.' }),
    createdAt: moment,
    finishedAt: moment.nullable(),
    report: ImportReport.nullable(),
  })
  .meta({ id: 'Import' })
export type Import = z.output<typeof Import>

export const ImportPage = pageOf(Import, 'ImportPage')
export const ImportPath = z.strictObject({ id })
export const ListImports = z.strictObject(paging)
