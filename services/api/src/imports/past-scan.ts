import { type Address, parseAddress } from '@portolan/core/target/address.ts'
import { formatSpan, type Span, setOfAddresses } from '@portolan/core/target/address-set.ts'
import { countPorts, formatPorts, mergePorts, type PortRange, type PortSet } from '@portolan/core/target/port-set.ts'
import type { PoolClient } from 'pg'
import type { Caller } from '../http/caller.ts'
import type { RunEvent, Tally } from './read-results.ts'

export interface PastScan {
  readonly id: string
  /** Milliseconds since 1970. */
  readonly startedAt: number
  readonly finishedAt: number
  readonly run: RunEvent
  readonly tally: Tally
  readonly label: string
  readonly vantage: string
  readonly caller: Caller
}

/** Ends of the target list that is kept as the request; the ranges themselves are kept whole. */
const MOST_TARGETS = 10_000

const INSERT = `INSERT INTO scans (id, project_id, key_id, status, status_reason, request, label, engine, seed, vantages,
    tcp_ports, udp_ports, hosts_total, probes_total, summary, created_at, started_at, finished_at)
  VALUES ($1, $2, $3, $4, $5, $6, $7, 'connect', decode(repeat('00', 16), 'hex'), $8, $9::int4multirange,
    $10::int4multirange, $11, $12, $13, $14, $14, $15)`

const TARGETS = `INSERT INTO scan_targets (scan_id, ordinal, spec, range_start, range_end)
  SELECT $1, t.ordinal - 1, t.spec, t.first, t.last
  FROM unnest($2::text[], $3::inet[], $4::inet[]) WITH ORDINALITY AS t (spec, first, last, ordinal)`

/** Progress is summed up over shards, so a past scan has them too: one a transport, done. */
const SHARD = `INSERT INTO shards (scan_id, vantage, transport, ordinal, from_position, to_position, checkpoint, state, open)
  VALUES ($1, $2, $3, 0, 0, $4, $4, 'done', $5)`

/** Scan, targets and shards, as if we had run it. Ports that were not told to have been asked are left unknown. */
export async function writePastScan(client: PoolClient, scan: PastScan): Promise<void> {
  const { id, run, tally, vantage, caller, label } = scan
  const spans = setOfAddresses([...tally.hosts].flatMap(addressOf)).spans
  const probes = { tcp: probesOf(scan, 'tcp'), udp: probesOf(scan, 'udp') }
  const seen: PortSet = { tcp: rangesOf(tally.ports.tcp), udp: rangesOf(tally.ports.udp) }
  await client.query(INSERT, [
    id,
    caller.projectId,
    caller.keyId,
    tally.complete ? 'completed' : 'partial',
    tally.complete ? null : 'the imported file ends early',
    JSON.stringify(requestOf(scan, spans, run.scanned ?? seen)),
    label,
    [vantage],
    multirange(run.scanned?.tcp),
    multirange(run.scanned?.udp),
    tally.hosts.size,
    probes.tcp + probes.udp,
    JSON.stringify({ imported: true, ...tally.report(run.scanner, run.version) }),
    new Date(scan.startedAt),
    new Date(scan.finishedAt),
  ])
  const ranges = spans.map((span) => ({ spec: formatSpan(span), ends: formatSpan(span).split('-') }))
  await client.query(TARGETS, [
    id,
    ranges.map(({ spec }) => spec),
    ranges.map(({ ends }) => ends[0]),
    ranges.map(({ ends }) => ends.at(-1)),
  ])
  for (const transport of ['tcp', 'udp'] as const)
    if (probes[transport] > 0)
      await client.query(SHARD, [id, vantage, transport, probes[transport], tally.open[transport]])
}

/** What a rerun would ask. */
function requestOf({ label, vantage }: PastScan, spans: readonly Span[], ports: PortSet) {
  return {
    targets: spans.slice(0, MOST_TARGETS).map(formatSpan),
    exclude: [],
    ports: formatPorts(ports),
    engine: 'connect',
    services: true,
    vantages: [vantage],
    discovery: false,
    record: 'open',
    priority: 0,
    label,
  }
}

function probesOf({ run, tally }: PastScan, transport: 'tcp' | 'udp'): number {
  const ports = run.scanned === null ? tally.ports[transport].size : countPorts(run.scanned[transport])
  return ports * tally.hosts.size
}

const rangesOf = (ports: ReadonlySet<number>): readonly PortRange[] =>
  mergePorts([...ports].map((port) => ({ first: port, last: port })))

function addressOf(text: string): Address[] {
  const parsed = parseAddress(text)
  return parsed.ok ? [parsed.value] : []
}

/** Null: not known, or none. */
function multirange(ports: readonly PortRange[] | undefined): string | null {
  if (ports === undefined || ports.length === 0) return null
  return `{${ports.map(({ first, last }) => `[${first},${last}]`).join(',')}}`
}
