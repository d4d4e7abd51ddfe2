/** What people ask of the history, each with another value every time. */

/** `beside`: not about endpoints, so told beside the total. */
export type Question = { readonly name: string; readonly beside?: true; readonly path: (pick: Pick) => string }
/** A whole number from 0 to `below` - 1. */
export type Pick = (below: number) => number

const search = (q: string, more = '') => `/v1/endpoints?q=${encodeURIComponent(q)}${more}`
const of = <T>(pick: Pick, list: readonly T[]): T => list[pick(list.length)] as T
const sorted = (pick: Pick) => `&sort=${of(pick, SORTS)}`
/** Some day of the past year. */
const then = (pick: Pick) => `&at=${new Date(Date.now() - (1 + pick(300)) * 86_400_000).toISOString()}`
const host = (pick: Pick) => `host-${7 * (1 + pick(40_000))}.example.org`
const address = (pick: Pick) => `10.${pick(256)}.${pick(256)}.${pick(256)}`
const PORTS = [443, 80, 22, 25, 53, 8080, 21, 3306, 5432, 3389, 6379, 23, 9200, 161, 1883]
const PRODUCTS = [
  'nginx',
  'Apache httpd',
  'OpenSSH',
  'Jetty',
  'BIND',
  'vsftpd',
  'MariaDB',
  'PostgreSQL',
  'Redis',
  'Mosquitto',
]
const RARE = ['gopher', 'x11', 'modbus', 'ipp', 'ldap']
const SORTS = ['ip', 'port', 'changed']
const SERVICES = ['https', 'http', 'ssh', 'smtp', 'domain', 'ftp', 'mysql', 'redis', 'telnet', 'snmp', 'mqtt']

export const QUESTIONS: readonly Question[] = [
  { name: 'everything', path: (pick) => search('', sorted(pick)) },
  { name: 'a port', path: (pick) => search(`port:${of(pick, PORTS)}`) },
  { name: 'a port, by change', path: (pick) => search(`port:${of(pick, PORTS)}`, '&sort=changed') },
  { name: 'ports', path: (pick) => search(`port:${of(pick, PORTS)},8000-${8001 + pick(900)}`, sorted(pick)) },
  { name: 'a port nobody has open', path: (pick) => search(`port:${10_000 + pick(50_000)}`, sorted(pick)) },
  { name: 'a service', path: (pick) => search(`service:${of(pick, SERVICES)}`) },
  { name: 'a service, by port', path: (pick) => search(`service:${of(pick, SERVICES)}`, '&sort=port') },
  { name: 'a service, by change', path: (pick) => search(`service:${of(pick, SERVICES)}`, '&sort=changed') },
  { name: 'a service nobody runs', path: (pick) => search(`service:${of(pick, RARE)}`, sorted(pick)) },
  { name: 'a product', path: (pick) => search(`product:"${of(pick, PRODUCTS)}"`) },
  { name: 'a product, by port', path: (pick) => search(`product:"${of(pick, PRODUCTS)}"`, '&sort=port') },
  { name: 'a product, by change', path: (pick) => search(`product:"${of(pick, PRODUCTS)}"`, '&sort=changed') },
  {
    name: 'products by their beginning',
    path: (pick) => search(`product:${of(pick, ['apache', 'postgre', 'micro'])}*`, sorted(pick)),
  },
  {
    name: 'old versions of a product',
    path: (pick) => search(`product:openssh version:<${of(pick, ['8.0', '9.0', '9.6'])}`),
  },
  {
    name: 'a version',
    path: (pick) => search(`version:${of(pick, ['9.6p1', '1.18.0', '2.4.41', '6.6.6'])}`, sorted(pick)),
  },
  {
    name: 'vendor, system, device',
    path: (pick) => search(`${of(pick, ['vendor:f5', 'os:linux', 'os:win*', 'device:printer'])}`, sorted(pick)),
  },
  {
    name: 'part of a CPE',
    path: (pick) => search(`cpe:${of(pick, ['f5:nginx', 'openbsd', 'apache:http_server'])}`, sorted(pick)),
  },
  {
    name: 'part of the extra information',
    path: (pick) => search(`info:${of(pick, ['ubuntu', 'protocol', 'welcome'])}`, sorted(pick)),
  },
  { name: 'part of a banner', path: (pick) => search(`banner:"on host ${1 + pick(9_000_000)}"`, sorted(pick)) },
  { name: 'a frequent word', path: (pick) => search(of(pick, ['nginx', 'openssh', 'http', 'redis']), sorted(pick)) },
  {
    name: 'a rare word',
    path: (pick) => search(of(pick, ['gopher', 'heartbleed', 'jenkins', host(pick)]), sorted(pick)),
  },
  { name: 'part of an address', path: (pick) => search(`10.${pick(256)}.${pick(256)}`, sorted(pick)) },
  { name: 'a host name', path: (pick) => search(`hostname:${host(pick)}`, sorted(pick)) },
  {
    name: 'host names by pattern',
    path: (pick) => search(`hostname:*-${7 * (1 + pick(1_000))}.example.org`, sorted(pick)),
  },
  {
    name: 'names of targets',
    path: (pick) => search(of(pick, ['name:www.bench.test', 'name:*.bench.test']), sorted(pick)),
  },
  { name: 'a tag', path: (pick) => search('tag:bench', sorted(pick)) },
  { name: 'a tag, narrowed', path: (pick) => search(`tag:bench service:${of(pick, SERVICES)}`, sorted(pick)) },
  { name: 'a network', path: (pick) => search(`net:10.${pick(256)}.${pick(256)}.0/24`, sorted(pick)) },
  { name: 'a large network', path: (pick) => search(`net:10.${pick(256)}.0.0/16`, sorted(pick)) },
  {
    name: 'a port in a network',
    path: (pick) => search(`port:${of(pick, PORTS)} net:10.${pick(256)}.0.0/16`, sorted(pick)),
  },
  { name: 'a vantage', path: (pick) => search(`vantage:${of(pick, ['office', 'default', 'nowhere'])}`, sorted(pick)) },
  { name: 'a transport', path: (pick) => search(`transport:${of(pick, ['tcp', 'udp'])}`, sorted(pick)) },
  { name: 'a state', path: (pick) => search(`state:${of(pick, ['open', 'closed', 'filtered'])}`, sorted(pick)) },
  { name: 'changed of late', path: (pick) => search(`changed:<${1 + pick(7)}d`, sorted(pick)) },
  { name: 'new', path: (pick) => search(`first:<${1 + pick(30)}d`, sorted(pick)) },
  { name: 'seen of late', path: (pick) => search(`seen:<${1 + pick(7)}d`, sorted(pick)) },
  { name: 'not seen for long', path: (pick) => search(`seen:>${15 + pick(10)}d`, sorted(pick)) },
  { name: 'certificates about to expire', path: (pick) => search(`tls.expires:<${1 + pick(30)}d`, sorted(pick)) },
  { name: 'a certificate', path: (pick) => search(`tls.sha256:${pick(100)}${'0a1b'.repeat(15)}`, sorted(pick)) },
  {
    name: 'what is known',
    path: (pick) => search(`has:${of(pick, ['service', 'tls', 'hostname', 'version'])}`, sorted(pick)),
  },
  {
    name: 'what is not',
    path: (pick) => search(`-has:${of(pick, ['service', 'tls', 'hostname', 'version'])}`, sorted(pick)),
  },
  {
    name: 'everything at once',
    path: (pick) =>
      search(
        `port:22 service:ssh product:openssh version:<9.6 net:10.${pick(256)}.0.0/16 state:open seen:<7d changed:>1d vantage:office`,
      ),
  },
  {
    name: 'what contradicts itself',
    path: (pick) => search(`service:${of(pick, ['mqtt', 'telnet', 'redis'])} product:openssh`, sorted(pick)),
  },
  {
    name: 'negation and alternatives',
    path: (pick) => search(`(service:telnet OR service:ftp) -net:10.${pick(256)}.0.0/16`, sorted(pick)),
  },
  {
    name: 'alternatives of different kinds',
    path: (pick) => search(`(port:23 OR hostname:${host(pick)} OR tls.expires:<1d) -state:open`, sorted(pick)),
  },
  { name: 'negation alone', path: (pick) => search(`-service:${of(pick, SERVICES)} -port:443`, sorted(pick)) },
  {
    name: 'a page of a thousand',
    path: (pick) => search(`port:${of(pick, PORTS)} net:10.${pick(256)}.0.0/16`, '&limit=1000'),
  },
  { name: 'counts of everything', path: () => search('state:open', '&facets=true&limit=1') },
  {
    name: 'counts of a network',
    path: (pick) => search(`net:10.${pick(256)}.${pick(256)}.0/24`, '&facets=true&limit=1'),
  },
  { name: 'counts of a service', path: (pick) => search(`service:${of(pick, SERVICES)}`, '&facets=true&limit=1') },
  { name: 'counts of a rare word', path: (pick) => search(host(pick), '&facets=true&limit=1') },
  { name: 'everything, as it was', path: (pick) => search('', then(pick)) },
  {
    name: 'a network, as it was',
    path: (pick) => search(`net:10.${pick(256)}.${pick(256)}.0/24`, `${sorted(pick)}${then(pick)}`),
  },
  { name: 'a service, as it was', path: (pick) => search(`service:${of(pick, SERVICES)} state:open`, then(pick)) },
  {
    name: 'a rare service, as it was',
    path: (pick) => search(`service:${of(pick, RARE)}`, `${sorted(pick)}${then(pick)}`),
  },
  { name: 'a host name, as it was', path: (pick) => search(`hostname:${host(pick)}`, `${sorted(pick)}${then(pick)}`) },
  { name: 'a rare word, as it was', path: (pick) => search(of(pick, ['gopher', host(pick)]), then(pick)) },
  {
    name: 'an old version, as it was',
    path: (pick) => search('product:openssh version:<8', then(pick)),
  },
  { name: 'a host', path: (pick) => `/v1/hosts/${address(pick)}` },
  { name: 'the change feed', beside: true, path: () => '/v1/changes?limit=50' },
  {
    name: 'the change feed of a network',
    beside: true,
    path: (pick) => `/v1/changes?net=10.${pick(256)}.0.0/16&limit=50`,
  },
]
