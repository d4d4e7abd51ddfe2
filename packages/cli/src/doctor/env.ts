/** What `doctor` looks at of the services' environment; unset or empty: not configured. */
export type ServicePlaces = {
  readonly database: string | null
  readonly queue: string | null
  /** What the worker on this machine calls its place. */
  readonly vantage: string | null
}

export function readServicePlaces(env: NodeJS.ProcessEnv = process.env): ServicePlaces {
  const { DATABASE_URL, QUEUE_URL, PORTOLAN_VANTAGE } = env
  return {
    database: DATABASE_URL || null,
    queue: QUEUE_URL || DATABASE_URL || null,
    vantage: PORTOLAN_VANTAGE || null,
  }
}
