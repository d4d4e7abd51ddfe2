/** What a host says it listens on, against what each vantage sees of it. Pure. */
import type { Transport } from '#core/target/probe-space.ts'

export type ReportedListener = {
  readonly transport: Transport
  /** The address bound; `0.0.0.0` and `::` mean every one. */
  readonly address: string
  readonly port: number
}

export type Look = {
  readonly vantage: string
  readonly transport: Transport
  readonly port: number
  /** False: a scan from there has asked, and it was not open. */
  readonly open: boolean
}

/**
 * `reachable`: it listens, and at least one vantage reaches it. `filtered`: it listens, and no vantage that asked does.
 * `local`: it listens on loopback alone, as far as anybody outside can tell rightly out of reach. `elsewhere`: it can be
 * reached, and nothing here listens: NAT, a container, or another machine answers. `unasked`: it listens, and no scan
 * has asked.
 */
export type Exposure = 'reachable' | 'filtered' | 'local' | 'elsewhere' | 'unasked'

export type Reconciled<L extends ReportedListener> = {
  readonly transport: Transport
  readonly port: number
  readonly exposure: Exposure
  readonly listeners: readonly L[]
  /** Vantages that reach it, and those that asked in vain. */
  readonly reachableFrom: readonly string[]
  readonly filteredFrom: readonly string[]
}

const isLoopback = (address: string) => /^127\.|^::1$|^::ffff:127\./.test(address)
const isWildcard = (address: string) => address === '0.0.0.0' || address === '::'

/** By transport and port. `ip` is the address looked at, in canonical form. */
export function reconcile<L extends ReportedListener>(
  ip: string,
  listeners: readonly L[],
  looks: readonly Look[],
): readonly Reconciled<L>[] {
  const keyOf = ({ transport, port }: { transport: Transport; port: number }) => `${transport} ${port}`
  // Whoever scans this machine from itself reaches what listens on the address it asks, loopback included.
  const here = (address: string) => isWildcard(address) || address === ip
  const relevant = listeners.filter(({ address }) => here(address) || isLoopback(address))
  const places = [...relevant, ...looks.filter(({ open }) => open)]
  const rows = new Map(places.map((place) => [keyOf(place), { transport: place.transport, port: place.port }]))
  return [...rows.values()]
    .sort((a, b) => (a.transport === b.transport ? a.port - b.port : a.transport < b.transport ? -1 : 1))
    .map(({ transport, port }) => {
      const own = relevant.filter((one) => one.transport === transport && one.port === port)
      const seen = looks.filter((look) => look.transport === transport && look.port === port)
      const from = (open: boolean) => [
        ...new Set(seen.filter((look) => look.open === open).map(({ vantage }) => vantage)),
      ]
      const exposed = own.some(({ address }) => here(address))
      const exposure = verdict({
        exposed,
        local: own.length > 0,
        reached: from(true).length > 0,
        asked: seen.length > 0,
      })
      return { transport, port, exposure, listeners: own, reachableFrom: from(true), filteredFrom: from(false) }
    })
}

type Facts = { readonly exposed: boolean; readonly local: boolean; readonly reached: boolean; readonly asked: boolean }

function verdict({ exposed, local, reached, asked }: Facts): Exposure {
  if (reached) return exposed ? 'reachable' : 'elsewhere'
  if (exposed) return asked ? 'filtered' : 'unasked'
  return local ? 'local' : 'elsewhere'
}
