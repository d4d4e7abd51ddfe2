import { networkInterfaces } from 'node:os'
import { type Schemas, take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { EXIT } from '../exit.ts'
import type { Style } from '../terminal.ts'
import { minute } from './output.ts'
import { callOf } from './service-call.ts'

type Row = Schemas['ExposureRow']

const LOOKS: Readonly<Record<Row['exposure'], Style>> = {
  reachable: 'good',
  filtered: 'warn',
  local: 'dim',
  elsewhere: 'bad',
  unasked: 'dim',
}

const SHAPE = [
  { title: 'PORT', cell: ({ port, transport }: Row) => `${port}/${transport}` },
  { title: 'EXPOSURE', cell: ({ exposure }: Row) => exposure, style: ({ exposure }: Row) => LOOKS[exposure] },
  { title: 'FROM', least: 8, cell: ({ reachableFrom }: Row) => reachableFrom.join(',') || '-' },
  { title: 'NOT FROM', least: 8, optional: true, cell: ({ filteredFrom }: Row) => filteredFrom.join(',') || '-' },
  { title: 'PROCESS', least: 12, cell: processText },
  { title: 'SERVICE', least: 12, cell: ({ service }: Row) => service ?? '' },
  {
    title: 'POLICY',
    least: 16,
    optional: true,
    cell: ({ findings }: Row) => [...new Set(findings.map(verdict))].join('; '),
    style: () => 'bad' as const,
  },
]

/** The whole sentence is in the JSON; here the other columns say the rest of it. */
const verdict = ({ severity, ruleId }: Row['findings'][number]) =>
  `${severity}: ${ruleId === 'otherwise' ? 'no rule allows it' : `rule ${ruleId}`}`

/** `nginx (812)`; processes of one name in one place together. */
function processText({ listeners }: Row): string {
  const known = listeners.map(({ process, pid, container, unit }) => ({
    name: process ?? '?',
    pid,
    place: container ? ` container ${container}` : unit ? ` ${unit}` : '',
  }))
  const names = [...Map.groupBy(known, ({ name, place }) => `${name} ${place}`).values()].map((same) => {
    const pids = [...new Set(same.map(({ pid }) => pid))].filter((pid) => pid !== null).join(', ')
    return `${same[0]?.name}${pids === '' ? '' : ` (${pids})`}${same[0]?.place}`
  })
  return names.join('; ') || '-'
}

/** Ends with 3 when a policy has something against it. */
export async function exposureCommand(args: readonly string[], options: Options): Promise<number> {
  const { client, output } = await callOf(args, options)
  const addresses = args.length > 0 ? args : ownAddresses()
  let violated = false
  for (const ip of addresses) {
    const told = await take(client.GET('/v1/hosts/{ip}/exposure', { params: { path: { ip } } }))
    const scanned = told.scannedAt === null ? 'never scanned' : `scanned ${minute(told.scannedAt)}`
    const reported = told.host === null ? 'nobody has reported' : `${told.host} reported ${minute(told.reportedAt)}`
    process.stderr.write(`${ip}: ${reported}, ${scanned}\n`)
    const unknown = `nothing is known: portolan listeners --report on it, and portolan scan ${ip} --server login, tell`
    const none = told.host === null && told.scannedAt === null ? unknown : 'nothing listens, and nothing can be reached'
    output.list(told.rows, SHAPE, none)
    violated ||= told.rows.some(({ findings }) => findings.length > 0)
  }
  return violated ? EXIT.policy : EXIT.done
}

/** Of this machine, loopback and link-local ones left out. */
export const ownAddresses = (): readonly string[] =>
  Object.values(networkInterfaces())
    .flatMap((addresses) => addresses ?? [])
    .filter(({ internal, address }) => !internal && !/^fe[89ab]/i.test(address))
    .map(({ address }) => address)
