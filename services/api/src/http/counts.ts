import { z } from 'zod'

/** How often each value occurs: one facet of a list. */
export const Counts = z.array(z.strictObject({ value: z.string(), count: z.int() }))
