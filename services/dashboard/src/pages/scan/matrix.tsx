/** Hosts by ports: a row that differs from the others is seen at once. */
import { useMemo } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { hostPath } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { visible } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'

type Result = Schemas['Result']

/** More than fit on any screen; the table has the rest. */
const MOST_HOSTS = 200
const MOST_PORTS = 60

export type Grid = {
  readonly ports: readonly string[]
  readonly hosts: readonly (readonly [ip: string, open: ReadonlyMap<string, Result>])[]
  readonly isCut: boolean
}

/** The ports that most hosts have, in the order of their numbers; hosts as they come. */
export function gridOf(results: readonly Result[]): Grid {
  const hosts = new Map<string, Map<string, Result>>()
  const often = new Map<string, number>()
  for (const one of results) {
    const port = `${one.port}/${one.transport}`
    const ports = hosts.get(one.ip) ?? new Map<string, Result>()
    if (!ports.has(port)) often.set(port, (often.get(port) ?? 0) + 1)
    hosts.set(one.ip, ports.set(port, one))
  }
  const ranked = [...often].sort((a, b) => b[1] - a[1]).slice(0, MOST_PORTS)
  const ports = ranked.map(([port]) => port).sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
  return { ports, hosts: [...hosts].slice(0, MOST_HOSTS), isCut: hosts.size > MOST_HOSTS || often.size > MOST_PORTS }
}

export function Matrix({ id, version }: { readonly id: string; readonly version: string }) {
  const query = { limit: 1000, state: ['open' as const] }
  const results = useList(['matrix', id, version], (cursor) =>
    api.GET('/v1/scans/{id}/results', { params: { path: { id }, query: { ...query, cursor } } }),
  )
  const grid = useMemo(() => gridOf(results.items), [results.items])
  return (
    <Card title="Hosts × ports" flush>
      <Ready of={results}>
        {() => (grid.hosts.length > 0 ? <Cells grid={grid} /> : <Empty title="No open port to show" />)}
      </Ready>
    </Card>
  )
}

function Cells({ grid: { ports, hosts, isCut } }: { readonly grid: Grid }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard
    <section className="table-scroll inside-matrix" aria-label="Hosts by ports" tabIndex={0}>
      <table className="matrix">
        <thead>
          <tr>
            <td />
            {ports.map((port) => (
              <th key={port} scope="col">
                {port.replace('/tcp', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hosts.map(([ip, open]) => (
            <tr key={ip}>
              <th scope="row">
                <Link href={hostPath(ip)}>{ip}</Link>
              </th>
              {ports.map((port) => (
                <Cell key={port} port={port} found={open.get(port)} />
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {isCut && (
        <p className="quiet small">Only the first hosts and the most frequent ports are shown; the table has all.</p>
      )}
    </section>
  )
}

function Cell({ port, found }: { readonly port: string; readonly found: Result | undefined }) {
  if (!found) return <td />
  const name = visible([found.service?.name ?? 'open', found.service?.product ?? ''].join(' ').trim())
  return (
    <td className="open">
      <Link href={hostPath(found.ip)} title={name} aria-label={`${found.ip} ${port}: ${name}`}>
        ●
      </Link>
    </td>
  )
}
