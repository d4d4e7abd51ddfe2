import { PORT_BOOK } from '@portolan/core/registry/ports.ts'
import { countPorts, listPorts } from '@portolan/core/target/port-set.ts'
import { parsePorts } from '@portolan/core/target/port-spec.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { UsageError } from './exit.ts'

export type NamedPorts = { readonly ports: readonly number[]; readonly transports: readonly Transport[] }

/** `22`, `53/udp`, `ssh`, `ssh/tcp`: a few ports, not a port list. Without a transport it means `usual`. */
export function namedPorts(text: string, usual: readonly Transport[], most: number): NamedPorts {
  const [, first, second] = /^(.+)\/(.+)$/.exec(text) ?? []
  if (first && second && !/^(?:tcp|udp)$/i.test(second)) {
    const swapped = /^(?:tcp|udp)$/i.test(first) ? `${second}/${first}` : `${first}/tcp or ${first}/udp`
    throw new UsageError(`${text}: a port is written before its transport, which is tcp or udp; write ${swapped}`)
  }
  const [, what = text, named] = /^(.+)\/(tcp|udp)$/i.exec(text) ?? []
  const transports: readonly Transport[] = named ? [named.toLowerCase() === 'udp' ? 'udp' : 'tcp'] : usual
  const parsed = parsePorts(what, { book: PORT_BOOK, transport: transports.length === 2 ? 'both' : transports[0]! })
  if (!parsed.ok)
    throw new UsageError(parsed.errors.map(({ problem, fix }) => `${text}: ${problem}; ${fix}`).join('\n'))
  const { tcp, udp } = parsed.ports
  if (Math.max(countPorts(tcp), countPorts(udp)) > most)
    throw new UsageError(`${text} is more than ${most === 1 ? 'one port' : `${most} ports`}`)
  return { ports: [...new Set([...listPorts(tcp), ...listPorts(udp)])], transports }
}
