import { hostname } from 'node:os'
import { take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import type { Listener } from '../listeners/read-listeners.ts'
import { ownAddresses } from './exposure.ts'
import { callOf } from './service-call.ts'

/** Tells the service what this machine listens on. Returns what to say about it. */
export async function reportListeners(listeners: readonly Listener[], options: Options): Promise<string> {
  const { client, url } = await callOf([], { ...options, format: undefined })
  const body = {
    host: hostname(),
    addresses: ['127.0.0.1', '::1', ...ownAddresses()],
    listeners: listeners.map(({ transport, ip, port, processes, user }) => {
      const [first] = processes
      return {
        transport,
        address: ip,
        port,
        user,
        process: first?.name ?? null,
        pid: first?.pid ?? null,
        unit: first?.unit ?? null,
        container: first?.container ?? null,
      }
    }),
  }
  const stored = await take(client.POST('/v1/listeners', { body }))
  return `${url} knows of ${stored.listeners} listeners of ${stored.host}`
}
