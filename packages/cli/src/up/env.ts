/** Every environment variable of `portolan up`; all of them are handed on to the processes it starts. */
import { z } from 'zod'

export const UpEnv = z.object({
  DATABASE_URL: z.string().optional().meta({ description: 'Your own PostgreSQL; unset: the embedded one.' }),
  QUEUE_URL: z.string().optional().meta({ description: 'Redis or PostgreSQL; unset: the database.' }),
  HOST: z.string().default('127.0.0.1').meta({ description: 'Address the API listens on.' }),
  PORT: z.coerce.number().int().min(1).max(65_535).default(7070).meta({ description: 'Port the API listens on.' }),
  PORTOLAN_DATA_DIR: z.string().optional().meta({ description: 'Where the embedded PostgreSQL keeps its data.' }),
  PORTOLAN_BOOTSTRAP_KEY: z
    .string()
    .optional()
    .meta({ description: 'The first admin key of a new installation; unset: one is made and printed.' }),
  PORTOLAN_POSTGRES_PORT: z.coerce
    .number()
    .int()
    .min(1)
    .max(65_535)
    .default(55_432)
    .meta({ description: 'Port of the embedded PostgreSQL on 127.0.0.1; another one is taken when it is busy.' }),
  npm_lifecycle_event: z.string().optional().meta({ description: 'Set by npm in what it runs.' }),
})
export type UpEnv = z.output<typeof UpEnv>

/** Throws with the names of all variables that are wrong. */
export function readUpEnv(env: NodeJS.ProcessEnv = process.env): UpEnv {
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = UpEnv.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
}

/** The environment for a child process: ours, with these set. */
export const childEnv = (set: Readonly<Record<string, string>>): NodeJS.ProcessEnv => ({ ...process.env, ...set })
