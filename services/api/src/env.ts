/** Every environment variable the API reads. */
import { z } from 'zod'

const whole = (min: number, max: number) => z.coerce.number().int().min(min).max(max)

export const ApiEnv = z.object({
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, hostname: /.*/ }).meta({ description: 'PostgreSQL 16 or later.' }),
  QUEUE_URL: z
    .url({ protocol: /^(rediss?|postgres(ql)?)$/, hostname: /.*/ })
    .optional()
    .meta({ description: 'Redis, or PostgreSQL; unset: the database.' }),
  HOST: z.string().min(1).default('127.0.0.1').meta({ description: 'Address to listen on.' }),
  PORT: whole(0, 65_535).default(7070).meta({ description: 'Port to listen on; 0 picks a free one.' }),
  PORTOLAN_TRUST_PROXY: whole(0, 10)
    .default(0)
    .meta({ description: 'How many proxies stand in front and set X-Forwarded-For.' }),
  PORTOLAN_BODY_LIMIT: whole(1_024, 100_000_000).default(1_048_576).meta({ description: 'Bytes of a JSON body.' }),
  PORTOLAN_IMPORT_LIMIT: whole(1_024, 1e12).default(1_073_741_824).meta({ description: 'Bytes of an imported file.' }),
  PORTOLAN_RATE_LIMIT: whole(1, 100_000_000)
    .default(6_000)
    .meta({ description: 'Requests a minute for keys without a limit of their own.' }),
  PORTOLAN_MAX_PROBES: whole(1, Number.MAX_SAFE_INTEGER)
    .default(100_000_000_000)
    .meta({ description: 'Probes one scan may ask for; 100,000 a second need twelve days for the default.' }),
  PORTOLAN_STREAMS: whole(1, 100_000)
    .default(200)
    .meta({ description: 'Event streams and exports open at once in one process.' }),
  PORTOLAN_DB_CONNECTIONS: whole(1, 1_000).default(10).meta({ description: 'Connections to PostgreSQL.' }),
  PORTOLAN_BOOTSTRAP_KEY: z
    .string()
    .regex(/^ptl_[0-9a-f]{16}_[A-Za-z0-9_-]{43}$/, 'must be ptl_<16 hex digits>_<43 base64url characters>')
    .optional()
    .meta({ description: 'The first admin key of a new installation; unset: one is made and printed.' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, hostname: /.*/ })
    .optional()
    .meta({ description: 'Collector of OpenTelemetry traces (OTLP over HTTP); unset: none are made.' }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'The least that is logged: fatal, error, warn, info, debug, trace or silent.' }),
})
export type ApiEnv = z.output<typeof ApiEnv>

/** Throws with the names of all variables that are wrong. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): ApiEnv {
  // An empty variable is what compose files make of one that is not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = ApiEnv.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
}
