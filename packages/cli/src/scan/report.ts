/** What people read when a scan has ended. */
import { compareEndpoints, type EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { hostTable } from '@portolan/core/format/table.ts'
import { countPorts, type PortSet } from '@portolan/core/target/port-set.ts'
import type { Style, Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import { duration, grouped } from './numbers.ts'
import type { Progress } from './run-scan.ts'

export function sorted(found: Iterable<EndpointRecord>): readonly EndpointRecord[] {
  return [...found].sort(compareEndpoints)
}

/** A host of which this many ports, and nearly all that were asked, are open is not believed. */
const WALL = { least: 100, share: 0.9 }
const WALL_WORDS =
  'accept connections: a firewall, proxy or tarpit answers for all of them, so they say nothing about services'

export type TableLook = Pick<Terminal, 'tableWidth' | 'paint'> & {
  readonly reasons: boolean
  readonly places?: boolean
}

/** A table a host; hosts on which nearly everything "is open" get a sentence instead. */
export function tables(
  endpoints: readonly EndpointRecord[],
  { tableWidth: width, paint, reasons, places = false }: TableLook,
  { tcp }: PortSet,
): string {
  const ports = countPorts(tcp)
  const blocks: string[] = []
  for (const host of byHost(endpoints)) {
    const open = host.filter(({ state, transport }) => state === 'open' && transport === 'tcp').length
    const proven = host.some(({ allPortsOpen }) => allPortsOpen)
    if (proven || (open >= WALL.least && open >= ports * WALL.share))
      blocks.push(`${host[0]?.ip}\n${wrapped(`${open} of ${ports} ports ${WALL_WORDS}`, width, 0)}`)
    else
      blocks.push(
        hostTable(host, { width, reasons, places, paint: (cell, { state }) => paint(STYLES[state] ?? 'dim', cell) }),
      )
  }
  return blocks.length === 0 ? '' : `${blocks.join('\n\n')}\n`
}

const STYLES: Readonly<Record<string, Style>> = {
  open: 'good',
  closed: 'bad',
  filtered: 'warn',
  'open|filtered': 'warn',
}

function* byHost(endpoints: readonly EndpointRecord[]): Generator<readonly EndpointRecord[]> {
  let from = 0
  for (let i = 1; i <= endpoints.length; i++)
    if (i === endpoints.length || endpoints[i]?.ip !== endpoints[from]?.ip) {
      yield endpoints.slice(from, i)
      from = i
    }
}

export type Size = { readonly hosts: bigint; readonly perHost: number }

/** `1 address, 1,000 ports: 3 open, 997 closed. 1,004 packets in 0.2 s.` and what a reader should doubt. */
export function closing(
  { totals, done, probes, naming, allPortsOpen }: Progress,
  { hosts, perHost }: Size,
): readonly string[] {
  const { counts, sent, milliseconds, loss, recall } = totals
  const many = (value: number | bigint, one: string, more: string) =>
    `${grouped(value)} ${Number(value) === 1 ? one : more}`
  const states = [
    [counts.open, 'open'],
    [counts.closed, 'closed'],
    [counts.filtered, 'filtered'],
    [counts.openFiltered, 'open|filtered'],
  ] as const
  const told = states.filter(([value], i) => value > 0 || i === 0).map(([value, name]) => many(value, name, name))
  const more = naming < WORTH_TELLING ? '' : `, ${took(naming)} more for services`
  const asked = `${many(hosts, 'address', 'addresses')}, ${many(perHost, 'port', 'ports')}`
  const lines = [`${asked}: ${told.join(', ')}. ${many(sent, 'packet', 'packets')} in ${took(milliseconds)}${more}.`]
  const percent = (part: number) => `${(part * 100).toFixed(1)} %`
  if (loss >= 0.005)
    lines.push(`${percent(loss)} of the packets were lost; about ${percent(recall)} of the answering ports were heard.`)
  if (allPortsOpen.length > 0)
    lines.push(`${listed(allPortsOpen)}: open on every port, control ports included; that says nothing about services.`)
  if (done < probes)
    lines.push(`Ended at ${Math.floor((done / probes) * 100)} %: what is listed is what was found until then.`)
  return lines
}

/** Milliseconds of asking services, after the last packet, that a reader has felt. */
const WORTH_TELLING = 1000

const took = (milliseconds: number): string =>
  milliseconds < 1000
    ? `${Math.ceil(milliseconds)} ms`
    : milliseconds < 60_000
      ? `${(milliseconds / 1000).toFixed(1)} s`
      : duration(milliseconds)

const LISTED = 5

/** The first few, and how many more there are. */
export const listed = (all: readonly string[]): string =>
  all.length <= LISTED ? all.join(', ') : `${all.slice(0, LISTED).join(', ')} and ${grouped(all.length - LISTED)} more`
