import { once } from 'node:events'
import { connect } from 'node:net'

const PORTS: Readonly<Record<string, number>> = {
  'redis:': 6379,
  'rediss:': 6379,
  'postgres:': 5432,
  'postgresql:': 5432,
}

export type Endpoint = { readonly host: string; readonly port: number }

/** Where the URL of a database or a queue leads; null: it is not one. */
export function endpointOf(url: string): Endpoint | null {
  if (!URL.canParse(url)) return null
  const { hostname, port, protocol } = new URL(url)
  const usual = PORTS[protocol]
  return usual === undefined ? null : { host: hostname || 'localhost', port: Number(port) || usual }
}

/** What the system says when nothing can be reached there; null: something accepts, or is still silent after `patience` ms. */
export async function whyUnreachable({ host, port }: Endpoint, patience: number): Promise<string | null> {
  const socket = connect({ host: host.replace(/^\[|\]$/g, ''), port })
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(patience) })
    return null
  } catch (error) {
    return error instanceof Error && error.name !== 'AbortError' ? error.message : null
  } finally {
    socket.destroy()
  }
}
