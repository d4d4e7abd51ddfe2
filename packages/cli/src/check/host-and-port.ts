import type { Transport } from '@portolan/core/target/probe-space.ts'
import { UsageError } from '../exit.ts'
import { namedPorts } from '../named-ports.ts'

/** Schemes whose port need not be written. */
const USUAL: Readonly<Record<string, string>> = { 'http:': '80', 'https:': '443', 'ssh:': '22', 'ftp:': '21' }

export type Place = { readonly host: string; readonly port: number; readonly transport: Transport }

/** `HOST PORT`, `HOST:PORT`, `[2001:db8::1]:443` or the URL of what does not open. Throws UsageError. */
export function hostAndPort(args: readonly string[]): Place {
  const { host, port } = split(args)
  if (port === undefined)
    throw new UsageError(`name the port, too: portolan check ${host} 443, or by its service: ${host} https`)
  if (/[\d,-]{2,}/.test(port) && /\d[,-]\d/.test(port))
    throw new UsageError(`check asks one port; for ${port}: portolan scan ${host} -p ${port}`)
  const { ports, transports } = namedPorts(port, ['tcp'], 1)
  return { host, port: ports[0]!, transport: transports[0]! }
}

function split([first = '', second]: readonly string[]): { host: string; port: string | undefined } {
  if (second !== undefined) return { host: first.replace(/^\[|\]$/g, ''), port: second }
  if (first.includes('://') && URL.canParse(first)) {
    const { hostname, port, protocol } = new URL(first)
    return { host: hostname.replace(/^\[|\]$/g, ''), port: port || USUAL[protocol] }
  }
  const [, bracketed, plain, port] = /^(?:\[([^\]]+)\]|([^:]+))(?::(.+))?$/.exec(first) ?? []
  return { host: bracketed ?? plain ?? first, port }
}
