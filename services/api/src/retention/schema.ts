import { z } from 'zod'

const days = z.int().min(1).max(36_500).nullable()

export const RetentionSettings = z
  .strictObject({
    thinAfterDays: days.meta({
      description:
        'Days after the end of a month from which on only the first, the last and every changed sighting of an endpoint is kept of its scans; null: never.',
    }),
    dropAfterDays: days.meta({
      description: 'Days after the end of a month from which on nothing is kept of what its scans saw; null: never.',
    }),
  })
  .meta({ id: 'RetentionSettings' })
export type RetentionSettings = z.output<typeof RetentionSettings>

const count = z.int().min(0)
const due = z.strictObject({
  month: z.string().meta({ description: 'In UTC.', examples: ['2026-11'] }),
  scans: count,
  observations: count.meta({ description: 'To be removed; of a whole month an estimate.' }),
})

export const RetentionPlan = z
  .strictObject({
    settings: RetentionSettings,
    drop: z.array(due).meta({ description: 'Months of which nothing would be left.' }),
    thin: z.array(due).meta({ description: 'Months that would be thinned.' }),
  })
  .meta({ id: 'RetentionPlan', description: 'What the next pass removes.' })
export type RetentionPlan = z.output<typeof RetentionPlan>
