/** Does each name server answer? Any answer will do, a refusal too. */
import { Resolver } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { type Finding, fine, poor } from './finding.ts'

/** Milliseconds a name server may take. */
const PATIENCE = 1500
const FILE = '/etc/resolv.conf'

export async function examineNames(): Promise<Finding> {
  const servers = nameServers(await readFile(FILE, 'utf8').catch(() => ''))
  const answers = await Promise.all(servers.map(answered))
  return judgeNames(servers.map((server, i) => ({ server, answers: answers[i] === true })))
}

/** resolv.conf(5); the first three count, as for the system itself. */
export function nameServers(text: string): readonly string[] {
  const lines = text.matchAll(/^\s*nameserver\s+(\S+)/gm)
  return Array.from(lines, ([, server = '']) => server).slice(0, 3)
}

async function answered(server: string): Promise<boolean> {
  try {
    const resolver = new Resolver({ timeout: PATIENCE, tries: 1 })
    resolver.setServers([server])
    await resolver.resolveNs('.')
    return true
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    // What a server says when it has no answer for us; the rest says that there is none.
    return ['ENODATA', 'EREFUSED', 'ESERVFAIL', 'ENOTFOUND', 'ENOTIMP', 'EFORMERR', 'EBADRESP'].includes(code)
  }
}

export type NameServer = { readonly server: string; readonly answers: boolean }

export function judgeNames(servers: readonly NameServer[]): Finding {
  const name = 'names'
  if (servers.length === 0)
    return poor(name, 'no name server is configured: targets must be addresses', `add nameserver ADDRESS to ${FILE}`)
  const listed = (answers: boolean) => servers.filter((one) => one.answers === answers).map(({ server }) => server)
  const [good, silent] = [listed(true), listed(false)]
  if (silent.length === 0) return fine(name, `resolved by ${good.join(', ')}`)
  const fix = `portolan check ${silent[0]} 53/udp tells why; another one goes into ${FILE}`
  return good.length === 0
    ? poor(name, `${silent.join(', ')} does not answer: targets must be addresses`, fix)
    : poor(name, `${silent.join(', ')} does not answer, and every look-up waits for it; ${good.join(', ')} does`, fix)
}
