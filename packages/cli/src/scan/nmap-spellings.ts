/**
 * What nmap and masscan users type by habit, in our spelling; or why not, and what to write instead. Options that ask
 * for what Portolan does anyway are dropped without a word.
 */
import { UsageError } from '../exit.ts'
import { NAABU_PLAIN, NAABU_VALUED } from './naabu-spellings.ts'
import { becomes, drop, type Rewrite, refuse } from './rewrite.ts'

const NO_SCRIPTS = 'there are no scripts. Leave it out'
const SCRIPT_FLAGS = ['-sC', '--script-trace', '--script-updatedb']
const SCRIPT_OPTIONS = ['--script', '--script-args', '--script-args-file', '--script-help']
const NO_SYSTEMS = 'there is no operating system scan; services that give their system away are reported. Leave it out'
const SYSTEM_FLAGS = ['-O', '--osscan-guess', '--osscan-limit', '--fuzzy']
const NEEDLESS = [
  ...['-n', '--randomize-hosts', '--defeat-rst-ratelimit', '--defeat-icmp-ratelimit', '--disable-arp-ping'],
  ...['--system-dns', '--noninteractive', '--no-stylesheet', '--webxml', '--privileged', '--banners', '--allports'],
  ...['--send-eth', '--send-ip', '--release-memory', '--log-errors', '--resolve-all', '--unique'],
]
const FORGED = 'packets are sent as they should be'
const FORGED_OPTIONS = ['--ip-options', '--data', '--data-string', '--mtu', '--scanflags', '--spoof-mac']

/** Options without a value. */
const PLAIN: Readonly<Record<string, Rewrite>> = {
  ...NAABU_PLAIN,
  '-F': becomes('--ports', 'top:100'),
  ...Object.fromEntries(SCRIPT_FLAGS.map((name) => [name, refuse(NO_SCRIPTS)])),
  ...Object.fromEntries(SYSTEM_FLAGS.map((name) => [name, refuse(NO_SYSTEMS)])),
  ...Object.fromEntries(NEEDLESS.map((name) => [name, drop])),
  '-A': refuse('services are named anyway; there is no operating system scan, and there are no scripts. Leave it out'),
  '-sn': refuse('a scan without ports is not a scan; write -p 22,80,443 to see who is there'),
  '-sL': becomes('--list'),
  '--reason': becomes('--verbose'),
  '-r': refuse(
    'probes go in a random order, so that no host is hit by all at once; write --seed N for the same order again',
  ),
  '-R': refuse('addresses are not looked up backwards. Leave it out'),
  '-f': refuse('packets are not fragmented'),
  '--packet-trace': refuse('packets are not printed; -v says why each port has its state'),
  '--badsum': refuse(FORGED),
  '-sP': refuse('a scan without ports is not a scan; write -p 22,80,443 to see who is there'),
  '--append-output': refuse('files are written anew; choose another name'),
  '--unprivileged': becomes('--engine', 'connect'),
  '--version-light': becomes('--services', 'light'),
  '--version-all': becomes('--services', 'all'),
  '--version-trace': becomes('--verbose'),
  '--iflist': refuse('write ip link and ip route, or portolan doctor'),
  '--adler32': refuse(FORGED),
  '--traceroute': refuse('routes are not traced'),
  '-iR': refuse('strangers are not scanned at random; name your targets'),
}

/** Options with a value, attached or apart. */
const VALUED: Readonly<Record<string, Rewrite>> = {
  ...NAABU_VALUED,
  '-oX': written('xml'),
  '-oG': written('gnmap'),
  '-oJ': written('json'),
  '-oN': written('table'),
  '-oA': (base) => ['--output', `xml:${base}.xml`, '--output', `gnmap:${base}.gnmap`, '--output', `table:${base}.nmap`],
  '-iL': (file) => ['--targets-file', file],
  '-S': (address) => ['--source-address', address],
  '-e': (name) => ['--interface', name],
  '--top-ports': (count) => ['--ports', `top:${count}`],
  '--excludefile': (file) => ['--exclude-file', file],
  '--max-rate': (rate) => ['--rate', rate],
  '--max-retries': (count) => ['--retries', count],
  '--max-rtt-timeout': (time) => ['--timeout', milliseconds(time)],
  '--version-intensity': (level) => [
    '--services',
    Number(level) <= 2 ? 'light' : Number(level) >= 9 ? 'all' : 'default',
  ],
  '-oS': refuse('there is no such format; -oN writes the table'),
  '-oM': refuse('there is no such format; write -oG, or -oJ'),
  '--stats-every': drop,
  '--max-parallelism': refuse('write --rate N, the probes per second'),
  '--min-parallelism': refuse('Portolan goes as fast as the path carries; write --rate max'),
  '--max-hostgroup': drop,
  '--min-hostgroup': drop,
  '--ttl': refuse('packets live as long as this machine lets them'),
  '--data-length': refuse('probes carry what their protocol asks for'),
  '--min-rate': refuse('Portolan goes as fast as the path carries; write --rate N to fix the rate, or --rate max'),
  '--host-timeout': refuse('no host is given up; write --timeout MS for the wait for one answer'),
  '--initial-rtt-timeout': refuse('the wait follows the answers; write --timeout MS for the longest'),
  '--min-rtt-timeout': refuse('the wait follows the answers; write --timeout MS for the longest'),
  '--scan-delay': refuse('write --per-host-rate N, the probes per second to one address'),
  '--max-scan-delay': refuse('write --per-host-rate N, the probes per second to one address'),
  ...Object.fromEntries(SCRIPT_OPTIONS.map((name) => [name, refuse(NO_SCRIPTS)])),
  ...Object.fromEntries(FORGED_OPTIONS.map((name) => [name, refuse(FORGED)])),
  '--versiondb': (file) => ['--probes', file],
  '--proxies': refuse('scans go through no proxy, which would answer in the place of the targets'),
  '--port-ratio': refuse('write -p top:N, the N commonest ports'),
  '--stylesheet': drop,
  '--datadir': drop,
  '--servicedb': drop,
  '--nsock-engine': drop,
  '-D': refuse('there are no decoys'),
  '-g': refuse('the source port proves that an answer is ours and cannot be chosen'),
  '--source-port': refuse('it proves that an answer is ours and cannot be chosen'),
  '--dns-servers': refuse('names are resolved as this machine resolves them'),
}

/** Into a file, or with `-` to standard output. */
function written(format: string): Rewrite {
  return (file) => (file === '-' ? ['--format', format] : ['--output', `${format}:${file}`])
}

/** nmap takes `500ms`, `2s`, `1m`, and plain seconds. */
function milliseconds(time: string): string {
  const [, digits, unit = 's'] = /^(\d+(?:\.\d+)?)(ms|s|m)?$/.exec(time) ?? []
  if (digits === undefined)
    throw new UsageError(`--max-rtt-timeout takes a time such as 500ms, not ${JSON.stringify(time)}`)
  return String(Math.round(Number(digits) * (unit === 'ms' ? 1 : unit === 's' ? 1000 : 60_000)))
}

/** `-sS`, `-sSUV`, ...: each letter is a wish. */
const SCANS: Readonly<Record<string, readonly string[]>> = {
  S: ['--engine', 'syn', '--tcp'],
  T: ['--engine', 'connect', '--tcp'],
  U: ['--udp'],
  V: [],
}

const TIMING: Readonly<Record<string, readonly string[] | string>> = {
  0: 'one probe in five minutes; write --per-host-rate 0.01',
  1: 'one probe in fifteen seconds; write --per-host-rate 0.07',
  2: ['--per-host-rate', '2.5'],
  3: [],
  4: [],
  5: [],
}

export function fromNmap(args: readonly string[]): readonly string[] {
  const out: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') return [...out, ...args.slice(i)]
    const scans = /^-s([STUV]+)$/.exec(arg)?.[1]
    const timing = arg.startsWith('-T') ? timingName(arg === '-T' ? args[++i] : arg.slice(2)) : null
    const [name, attached] = split(arg)
    // Whole words first: naabu's -silent is no -s with letters behind it.
    if (Object.hasOwn(PLAIN, arg)) out.push(...(PLAIN[arg]?.('', arg) ?? []))
    else if (Object.hasOwn(VALUED, name)) {
      const value = attached ?? args[++i]
      if (value === undefined) throw new UsageError(`${name} needs a value`)
      out.push(...(VALUED[name]?.(value, name) ?? []))
    } else if (scans) for (const letter of scans) out.push(...(SCANS[letter] ?? []))
    else if (timing) {
      const means = TIMING[timing] ?? []
      if (typeof means === 'string') throw new UsageError(`${arg}: nmap's ${means}`)
      out.push(...means)
    } else if (/^-(v{2,}|v\d|d+\d?)$/.test(arg)) out.push('--verbose')
    // Which hosts are up is not asked first: every address is scanned.
    else if (/^-P[nNSAUYEPMOR0][\d,-]*$/.test(arg)) continue
    else if (/^-s[STUV]*C[STUVC]*$/.test(arg))
      throw new UsageError(`${arg}: there are no scripts, and services are named anyway. Leave it out`)
    else if (/^-s[A-Za-z]/.test(arg))
      throw new UsageError(`${arg}: the scans are -sS (--engine syn), -sT (--engine connect) and -sU (--udp)`)
    else out.push(arg)
  }
  return out
}

function timingName(word = ''): string {
  const names = ['paranoid', 'sneaky', 'polite', 'normal', 'aggressive', 'insane']
  const level = /^[0-5]$/.test(word) ? word : String(names.indexOf(word.toLowerCase()))
  if (level === '-1') throw new UsageError(`-T takes 0 to 5, not ${JSON.stringify(word)}`)
  return level
}

/** `--name=value`, `-name=value` and `-oXfile` have their value attached. */
function split(arg: string): readonly [string, string | undefined] {
  const equals = arg.indexOf('=')
  if (arg.startsWith('--')) return equals < 0 ? [arg, undefined] : [arg.slice(0, equals), arg.slice(equals + 1)]
  // naabu: -rate=1000
  if (/^-[a-z-]{2,}=/.test(arg)) return [arg.slice(0, equals), arg.slice(equals + 1)]
  const short = /^(-o[XGJNASM]|-iL|-[SeDg])(.+)$/.exec(arg)
  return short?.[1] && !/^-e/.test(arg) ? [short[1], short[2]] : [arg, undefined]
}
