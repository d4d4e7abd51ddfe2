/**
 * What naabu, masscan and rustscan users type by habit: long options behind one dash, among other things. Read as one
 * letter with a value attached (`-open` as `-o pen`), they would do something else than what was meant.
 */
import { becomes, drop, type Rewrite, refuse } from './rewrite.ts'

/** Ours, behind one dash. */
const SAME = ['open', 'all', 'verbose', 'quiet', 'plain', 'udp', 'tcp', 'dry-run', 'ipv4', 'ipv6']
const SAME_WITH_VALUE = [
  ...['ports', 'exclude', 'exclude-ports', 'exclude-file', 'rate', 'retries', 'timeout', 'interface', 'output'],
  ...['format', 'seed', 'engine', 'services', 'resume', 'source-address', 'per-host-rate'],
]

const json = becomes('--format', 'ndjson')
const silent = becomes('--quiet')
const target: Rewrite = (value) => [value]
const targets: Rewrite = (file) => ['--targets-file', file]
const ports: Rewrite = (spec) => ['--ports', spec]
const excluded: Rewrite = (spec) => ['--exclude-ports', spec]
const noCdn = refuse('networks of providers are not told apart; name what to leave out with --exclude')
const services = 'services are named anyway, faster than by another scanner. Leave it out'
const threads = 'there are no threads to count; write --rate N, the probes per second'

export const NAABU_PLAIN: Readonly<Record<string, Rewrite>> = {
  ...Object.fromEntries(SAME.map((name) => [`-${name}`, becomes(`--${name}`)])),
  '-json': json,
  '--json': json,
  '-j': json,
  '-csv': becomes('--format', 'csv'),
  '--csv': becomes('--format', 'csv'),
  '-silent': silent,
  '--silent': silent,
  '-nc': becomes('--plain'),
  '-no-color': becomes('--plain'),
  '--no-color': becomes('--plain'),
  '--no-colour': becomes('--plain'),
  '-verify': drop,
  '-stats': drop,
  '-sa': drop,
  '-scan-all-ips': drop,
  '-wn': drop,
  '-sD': drop,
  '-duc': drop,
  '-ec': noCdn,
  '-exclude-cdn': noCdn,
  '-cdn': noCdn,
  '-display-cdn': noCdn,
  '-nmap': refuse(services),
  '-passive': refuse('ports are asked, not looked up elsewhere. Leave it out'),
  '-ping': refuse('which hosts are up is not asked first: every address is scanned. Leave it out'),
  '--ping': refuse('which hosts are up is not asked first: every address is scanned. Leave it out'),
  '-hc': refuse('write portolan doctor'),
  '-version': refuse('write portolan --version'),
  '--accessible': becomes('--plain'),
  '--infinite': refuse('a scan ends; portolan schedule repeats it'),
}

export const NAABU_VALUED: Readonly<Record<string, Rewrite>> = {
  ...Object.fromEntries(SAME_WITH_VALUE.map((name) => [`-${name}`, (value: string) => [`--${name}`, value]])),
  '-host': target,
  '--host': target,
  '--range': target,
  '-a': target,
  '--addresses': target,
  '-l': targets,
  '-list': targets,
  '--includefile': targets,
  '-port': ports,
  '--port': ports,
  '-tp': topPorts,
  '-top-ports': topPorts,
  '-ep': excluded,
  '-eh': (spec) => ['--exclude', spec],
  '-exclude-hosts': (spec) => ['--exclude', spec],
  '-ef': (file) => ['--exclude-file', file],
  '-source-ip': (address) => ['--source-address', address],
  '--source-ip': (address) => ['--source-address', address],
  '--adapter-ip': (address) => ['--source-address', address],
  '--adapter': (name) => ['--interface', name],
  '-scan-type': scanType,
  '-s': scanType,
  '-iv': (family) => (family.includes('6') ? ['--ipv6'] : ['--ipv4']),
  '-c': refuse(threads),
  '-b': refuse(`there is no bounce, and ${threads}`),
  '--batch-size': refuse(threads),
  '-nmap-cli': refuse(services),
  '-proxy': refuse('scans go through no proxy, which would answer in the place of the targets'),
  '--wait': drop,
  '-warm-up-time': drop,
  '--router-mac': drop,
  '--ulimit': drop,
  '-oL': refuse('there is no such format; -oJ writes JSON, -o FILE.ndjson a line for each'),
  '-oB': refuse('there is no such format; -o FILE.ndjson writes a line for each'),
}

function topPorts(count: string): readonly string[] {
  return ['--ports', count === 'full' ? '-' : `top:${count}`]
}

function scanType(letter: string): readonly string[] {
  return ['--engine', /^c/i.test(letter) ? 'connect' : 'syn']
}
