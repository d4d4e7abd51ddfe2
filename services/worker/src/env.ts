/** Every environment variable the worker reads. */
import { hostname } from 'node:os'
import { DEFAULT_VANTAGE, isVantageName } from '@portolan/core/jobs.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { z } from 'zod'

const cidr = z
  .string()
  .trim()
  .refine((text) => parseCidr(text).ok, 'must be CIDR blocks such as 10.0.0.0/8')
const postgresUrl = z.url({ protocol: /^postgres(ql)?$/, hostname: /.*/ })

const paths = z
  .string()
  .default('')
  .transform((text) => text.split(',').filter((path) => path.trim() !== ''))

export const WorkerEnv = z.object({
  DATABASE_URL: postgresUrl.meta({ description: 'PostgreSQL 16 or later.' }),
  QUEUE_URL: z
    .url({ protocol: /^(rediss?|postgres(ql)?)$/, hostname: /.*/ })
    .optional()
    .meta({ description: 'Redis, or PostgreSQL; unset: the database.' }),
  PORTOLAN_VANTAGE: z
    .string()
    .refine(isVantageName, 'must be lower-case letters, digits, - and _')
    .default(DEFAULT_VANTAGE)
    .meta({ description: 'The place in the network where this worker stands.' }),
  PORTOLAN_WORKER_NAME: z.string().min(1).max(200).default(hostname()).meta({ description: 'For people.' }),
  PORTOLAN_CONCURRENCY: z.coerce.number().int().min(1).max(64).default(2).meta({ description: 'Shards at once.' }),
  PORTOLAN_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(50_000)
    .default(2000)
    .meta({ description: 'Connections at once for finding out what runs on open ports.' }),
  PORTOLAN_HOST_CONNECTIONS: z.coerce
    .number()
    .int()
    .min(1)
    .max(50_000)
    .default(100)
    .meta({ description: 'The same to any one host, divided among all workers.' }),
  PORTOLAN_PROBES: paths.meta({ description: 'Files of yours in the format of nmap-service-probes, comma-separated.' }),
  PORTOLAN_RECOG: paths.meta({ description: 'Folders of yours with Recog XML files, comma-separated.' }),
  PORTOLAN_LEASE_MS: z.coerce
    .number()
    .int()
    .min(500)
    .max(600_000)
    .default(15_000)
    .meta({ description: 'Milliseconds after which the shards of a worker that died go to another.' }),
  PORTOLAN_CLIENT_NAME: z
    .string()
    .regex(/^[\w .-]{1,60}$/)
    .default('Portolan')
    .meta({ description: 'The name probes that carry text give to whom they ask.' }),
  PORTOLAN_CLIENT_URL: z.url().optional().meta({ description: 'Where those who were asked can read who asked.' }),
  PORTOLAN_NOTIFY: z
    .enum(['on', 'off'])
    .default('on')
    .meta({ description: '`off`: this worker sends no notifications, because it stands where it cannot.' }),
  PORTOLAN_NOTIFY_NETWORKS: z
    .string()
    .default('')
    .transform((text) => text.split(',').filter((part) => part.trim() !== ''))
    .pipe(z.array(cidr))
    .meta({
      description:
        'CIDR blocks, separated by commas, that notifications may be sent to although they are of special purpose (loopback, private, ...).',
    }),
  PORTOLAN_SMTP_URL: z
    .url({ protocol: /^smtps?$/, hostname: /.*/ })
    .optional()
    .meta({ description: 'Mail server for e-mail notifications: smtp://USER:PASSWORD@HOST:PORT, or smtps:.' }),
  PORTOLAN_MAIL_FROM: z
    .string()
    .regex(/^[^\r\n]*[^\s@<>]+@[^\s@<>]+>?$/, 'must be an address, or NAME <ADDRESS>')
    .default('Portolan <portolan@localhost>')
    .meta({ description: 'The sender of e-mail notifications.' }),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .url({ protocol: /^https?$/, hostname: /.*/ })
    .optional()
    .meta({ description: 'Collector of OpenTelemetry traces (OTLP over HTTP); unset: none are made.' }),
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .default('info')
    .meta({ description: 'The least that is logged: fatal, error, warn, info, debug, trace or silent.' }),
})
export type WorkerEnv = z.output<typeof WorkerEnv>

/** Throws with the names of all variables that are wrong. */
export function readEnv(env: NodeJS.ProcessEnv = process.env): WorkerEnv {
  // An empty variable is what compose files make of one that is not set.
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''))
  const parsed = WorkerEnv.safeParse(given)
  if (parsed.success) return parsed.data
  throw new Error(parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`).join('\n'))
}

export function notifyOptions(env: WorkerEnv) {
  const { PORTOLAN_SMTP_URL: url, PORTOLAN_MAIL_FROM: from, PORTOLAN_NOTIFY_NETWORKS: networks } = env
  return { mailServer: url === undefined ? null : { url, from }, networks }
}
