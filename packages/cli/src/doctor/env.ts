/** What `doctor` looks at of the services' environment; unset or empty: not configured. */
export type ServiceUrls = { readonly database: string | null; readonly queue: string | null }

export function readServiceUrls({ DATABASE_URL, QUEUE_URL }: NodeJS.ProcessEnv = process.env): ServiceUrls {
  return { database: DATABASE_URL || null, queue: QUEUE_URL || DATABASE_URL || null }
}
