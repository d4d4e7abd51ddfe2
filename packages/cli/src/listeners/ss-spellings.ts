/** What users of ss, netstat and lsof type by habit: `-tulnp`, `-i :8080`, `-iTCP:8080 -sTCP:LISTEN`, `:8080`. */
import { UsageError } from '../exit.ts'

/** They ask for what is done anyway: numbers, listening sockets, processes. */
const DONE_ANYWAY = /^(-s(TCP|UDP):\S+|--(listening|numeric|processes|all|program|extended|no-header))$/i

export function fromSs(args: readonly string[]): readonly string[] {
  return args.flatMap((arg) => {
    const [, transport, port] = /^-i(tcp|udp)?(?::(\S+))?$/i.exec(arg) ?? []
    if (port !== undefined) return [`${port}${transport ? `/${transport.toLowerCase()}` : ''}`]
    if (transport !== undefined) return [`--${transport.toLowerCase()}`]
    if (arg === '-i' || DONE_ANYWAY.test(arg)) return []
    if (/^-[a-zA-Z]*x[a-zA-Z]*$/.test(arg))
      throw new UsageError(`${arg}: Unix sockets are no ports; ss -xlp lists them`)
    const [, letters] = /^-([tulnpPaeoHW]+)$/.exec(arg) ?? []
    if (letters === undefined) return [arg.replace(/^(\*|0\.0\.0\.0)?:(?=\w)/, '')]
    return [...(letters.includes('t') ? ['--tcp'] : []), ...(letters.includes('u') ? ['--udp'] : [])]
  })
}
