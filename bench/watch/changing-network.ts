/** Real hosts in the simulated internet whose servers open, close, move, are upgraded and renew their certificates. */

export type Server = {
  readonly ip: string
  readonly port: number
  /** Upgraded: greets as OpenSSH 9.`version`. */
  readonly version: number
  /** Renewed: which of two certificates it shows; null: it greets and speaks no TLS. */
  readonly certificate: 0 | 1 | null
}

export type Network = readonly Server[]

/** What is to be told: `kind address:port`. */
export type Round = { readonly network: Network; readonly told: readonly string[] }

const HOSTS = 6
const PORTS = 50

/** Every place once, so that no endpoint comes and goes so often that it is said to flap. */
export function* places(): Generator<Pick<Server, 'ip' | 'port'>> {
  for (let port = 1; port <= PORTS; port++)
    for (let host = 1; host <= HOSTS; host++) yield { ip: `198.18.255.${host}`, port }
}

export type Places = ReturnType<typeof places>

function place(free: Places): Pick<Server, 'ip' | 'port'> {
  const next = free.next()
  if (next.done) throw new Error('more rounds than there are ports')
  return next.value
}

/** `count` servers, every second one with TLS. */
export const firstNetwork = (free: Places, count: number): Network =>
  Array.from({ length: count }, (_, i) => ({ ...place(free), version: 0, certificate: i % 2 === 0 ? null : 0 }))

const at = ({ ip, port }: Pick<Server, 'ip' | 'port'>) => `${ip}:${port}`

/** One port opened, one closed, one server moved, one upgraded, one certificate renewed; the oldest servers first. */
export function changed(network: Network, free: Places): Round {
  const plain = network.filter(({ certificate }) => certificate === null)
  const secure = network.filter(({ certificate }) => certificate !== null)
  const [closing, upgraded] = plain
  const [moving, renewed] = secure
  if (!closing || !upgraded || !moving || !renewed) throw new Error('too few servers')
  const opened: Server = { ...place(free), version: 0, certificate: null }
  const moved: Server = { ...moving, ...place(free) }
  const next: Server[] = [
    ...network.filter((server) => ![closing, upgraded, moving, renewed].includes(server)),
    { ...upgraded, version: upgraded.version + 1 },
    { ...renewed, certificate: renewed.certificate === 0 ? 1 : 0 },
    moved,
    opened,
  ]
  return {
    network: next,
    told: [
      `opened ${at(opened)}`,
      `closed ${at(closing)}`,
      `closed ${at(moving)}`,
      `opened ${at(moved)}`,
      `version-changed ${at(upgraded)}`,
      `certificate-changed ${at(renewed)}`,
    ],
  }
}
