/** What people ask of the history, each with another value every time. */

/** `beside`: not about endpoints, so told beside the total. */
export type Question = { readonly name: string; readonly beside?: true; readonly path: (pick: Pick) => string }
/** A whole number from 0 to `below` - 1. */
export type Pick = (below: number) => number

const search = (q: string, more = '') => `/v1/endpoints?q=${encodeURIComponent(q)}${more}`
const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)] as T
const address = (pick: Pick) => `10.${pick(256)}.${pick(256)}.${pick(256)}`
const PORTS = [443, 80, 22, 25, 53, 8080, 21, 3306, 5432, 3389, 6379, 23, 9200, 161, 1883]
const SERVICES = ['https', 'http', 'ssh', 'smtp', 'domain', 'ftp', 'mysql', 'redis', 'telnet', 'snmp', 'mqtt']

export const QUESTIONS: readonly Question[] = [
  { name: 'a port', path: (pick) => search(`port:${of(pick, PORTS)}`) },
  { name: 'a port nobody has open', path: (pick) => search(`port:${10_000 + pick(50_000)}`) },
  { name: 'a service, by change', path: (pick) => search(`service:${of(pick, SERVICES)}`, '&sort=changed') },
  {
    name: 'old versions of a product',
    path: (pick) => search(`product:openssh version:<${of(pick, ['8.0', '9.0', '9.6'])}`),
  },
  { name: 'a network', path: (pick) => search(`net:10.${pick(256)}.${pick(256)}.0/24`) },
  { name: 'a port in a network', path: (pick) => search(`port:${of(pick, PORTS)} net:10.${pick(256)}.0.0/16`) },
  { name: 'changed of late', path: (pick) => search(`changed:<${1 + pick(7)}d`, '&sort=changed') },
  { name: 'certificates about to expire', path: (pick) => search(`tls.expires:<${1 + pick(30)}d`) },
  {
    name: 'everything at once',
    path: (pick) =>
      search(
        `port:22 service:ssh product:openssh version:<9.6 net:10.${pick(256)}.0.0/16 state:open seen:<7d changed:>1d vantage:office`,
      ),
  },
  {
    name: 'negation and alternatives',
    path: (pick) => search(`(service:telnet OR service:ftp) -net:10.${pick(256)}.0.0/16`),
  },
  {
    name: 'the second page',
    path: (pick) => search(`port:${of(pick, PORTS)} net:10.${pick(256)}.0.0/16`, '&limit=1000'),
  },
  {
    name: 'a network, as it was',
    path: (pick) =>
      search(
        `net:10.${pick(256)}.${pick(256)}.0/24`,
        `&at=${new Date(Date.now() - (1 + pick(300)) * 86_400_000).toISOString()}`,
      ),
  },
  { name: 'a host', path: (pick) => `/v1/hosts/${address(pick)}` },
  { name: 'the change feed', beside: true, path: () => '/v1/changes?limit=50' },
  {
    name: 'the change feed of a network',
    beside: true,
    path: (pick) => `/v1/changes?net=10.${pick(256)}.0.0/16&limit=50`,
  },
]
