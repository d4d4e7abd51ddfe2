/** Hosts by ports: a row that differs from the others is seen at once. */
import { memo, useMemo, useState } from 'react'
import { api, type Schemas } from '../../api/client.ts'
import { useList } from '../../api/use-read.ts'
import { Link } from '../../app/link.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { keepGridStop, moveInGrid } from '../../ui/grid-keys.ts'
import { hostPath, placeOf } from '../../ui/numbers.ts'
import { Card } from '../../ui/page.tsx'
import { visible } from '../../ui/safe-text.tsx'
import { Empty, Ready } from '../../ui/states.tsx'
import { ResultEvidence } from './result-evidence.tsx'

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
  const [opened, setOpened] = useState<Result | null>(null)
  const query = { limit: 1000, state: ['open' as const] }
  const results = useList(['matrix', id, version], (cursor) =>
    api.GET('/v1/scans/{id}/results', { params: { path: { id }, query: { ...query, cursor } } }),
  )
  const grid = useMemo(() => gridOf(results.items), [results.items])
  return (
    <Card title="Hosts × ports" flush actions={<span className="quiet small">Arrow keys move, Enter opens</span>}>
      <Ready of={results}>
        {() =>
          grid.hosts.length > 0 ? (
            <Cells grid={grid} onOpen={setOpened} />
          ) : (
            <Empty title="No open port to show">Ports appear here as soon as one is found to be open.</Empty>
          )
        }
      </Ready>
      {opened && (
        <Dialog title={placeOf(opened)} wide onClose={() => setOpened(null)}>
          <ResultEvidence id={id} result={opened} onClose={() => setOpened(null)} />
        </Dialog>
      )}
    </Card>
  )
}

type CellsProps = { readonly grid: Grid; readonly onOpen: (one: Result) => void }

/** Drawn anew only when there is something new: opening a cell does not touch the thousands of others. */
const Cells = memo(function Cells({ grid: { ports, hosts, isCut }, onOpen }: CellsProps) {
  return (
    <section className="table-scroll inside-matrix" aria-label="Hosts by ports">
      {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a table whose cells take the focus is a grid (ARIA 1.2) */}
      <table className="matrix" role="grid" aria-label="Open ports of each host" aria-readonly>
        <thead>
          <tr>
            <th scope="col">
              <span className="unseen">Host</span>
            </th>
            {ports.map((port) => (
              <th key={port} scope="col">
                {port.replace('/tcp', '')}
              </th>
            ))}
          </tr>
        </thead>
        <tbody onKeyDown={moveInGrid} onFocus={keepGridStop}>
          {hosts.map(([ip, open], i) => (
            <tr key={ip}>
              <th scope="row">
                <Link href={hostPath(ip)} tabIndex={i === 0 ? 0 : -1}>
                  {ip}
                </Link>
              </th>
              {ports.map((port) => (
                <Cell key={port} place={`${ip} ${port}`} found={open.get(port)} onOpen={onOpen} />
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
})

type CellProps = {
  readonly place: string
  readonly found: Result | undefined
  readonly onOpen: (one: Result) => void
}

function Cell({ place, found, onOpen }: CellProps) {
  if (!found) return <td tabIndex={-1} aria-label={`${place}: not open`} />
  const name = visible([found.service?.name ?? 'open', found.service?.product ?? ''].join(' ').trim())
  return (
    <td className="open">
      <button type="button" tabIndex={-1} title={name} aria-label={`${place}: ${name}`} onClick={() => onOpen(found)}>
        ●
      </button>
    </td>
  )
}
