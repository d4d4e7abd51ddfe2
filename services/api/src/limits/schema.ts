import { z } from 'zod'

const rate = z.int().min(1).max(10_000_000)
const vantage = z.string().regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must be lower-case letters, digits, - and _')
/** All of it is read with every share of a rate that a worker asks for. */
const MOST_VANTAGES = 1_000

export const Limits = z
  .strictObject({
    global: rate.nullable().default(null).meta({ description: 'Probes per second of everything together.' }),
    perHost: rate.nullable().default(null).meta({ description: 'Probes per second to any one address, of all scans.' }),
    vantages: z
      .record(vantage, rate)
      .refine((rates) => Object.keys(rates).length <= MOST_VANTAGES, `must have at most ${MOST_VANTAGES} vantages`)
      .default({})
      .meta({ description: 'Probes per second from a vantage, of all its workers and scans.' }),
  })
  .meta({ id: 'Limits', description: 'Packet rates of the installation; null or left out: no limit.' })
export type Limits = z.output<typeof Limits>

export const NO_LIMITS: Limits = { global: null, perHost: null, vantages: {} }
