import { SCAN } from '@portolan/cli/src/commands/scan.ts'
import { UsageError } from '@portolan/cli/src/exit.ts'
import { fromNmap } from '@portolan/cli/src/scan/nmap-spellings.ts'
import { expect, test } from 'vitest'

test.each([
  ['-sS -p 22 host', '--engine syn --tcp -p 22 host'],
  ['-sT host', '--engine connect --tcp host'],
  ['-sU host', '--udp host'],
  ['-sSUV host', '--engine syn --tcp --udp host'],
  ['-Pn -n -T4 host', 'host'],
  ['--reason host', '--verbose host'],
  ['-T aggressive host', 'host'],
  ['-T2 host', '--per-host-rate 2.5 host'],
  ['-F host', '--ports top:100 host'],
  ['--top-ports 50 host', '--ports top:50 host'],
  ['--top-ports=50 host', '--ports top:50 host'],
  ['-oX out.xml -oG out', '--output xml:out.xml --output gnmap:out'],
  ['-oXout.xml', '--output xml:out.xml'],
  ['-oX - host', '--format xml host'],
  ['-PS22,80 -PE -PN -P0 --stats-every 5s --randomize-hosts host', 'host'],
  ['-vv -d2 -ddd host', '--verbose --verbose --verbose host'],
  ['-oA base', '--output xml:base.xml --output gnmap:base.gnmap --output table:base.nmap'],
  ['-iL - -S 127.0.0.2 -e lo', '--targets-file - --source-address 127.0.0.2 --interface lo'],
  ['--max-rate 100 --max-retries 2 --max-rtt-timeout 500ms', '--rate 100 --retries 2 --timeout 500'],
  ['--version-intensity 9', '--services all'],
  ['--version-light', '--services light'],
  ['-sL host', '--list host'],
  ['-p- host', '-p- host'],
  ['-- -sS', '-- -sS'],
  ['-Tpolite host', '--per-host-rate 2.5 host'],
  ['--versiondb mine --resolve-all --send-ip', '--probes mine'],
  // naabu, masscan and rustscan
  ['-host 127.0.0.1 -p 80 -silent -json', '127.0.0.1 -p 80 --quiet --format ndjson'],
  ['-list hosts.txt -port 1-100 -rate 1000 -o out', '--targets-file hosts.txt --ports 1-100 --rate 1000 -o out'],
  ['-rate=1000 -open -exclude-ports 25', '--rate 1000 --open --exclude-ports 25'],
  ['-tp 100 -ep 25 -eh 127.0.0.2 -s c', '--ports top:100 --exclude-ports 25 --exclude 127.0.0.2 --engine connect'],
  ['-top-ports full -scan-type s', '--ports - --engine syn'],
  ['-iv 6 -nc -verify -sa -duc host', '--ipv6 --plain host'],
  ['-output out.csv -csv', '--output out.csv --format csv'],
  ['--range 127.0.0.0/30 --ports 80 --wait 0 --banners', '127.0.0.0/30 --ports 80'],
  ['-a 127.0.0.1 --ulimit 5000 --accessible', '127.0.0.1 --plain'],
])('%s becomes %s', (given, expected) => expect(fromNmap(given.split(' ')).join(' ')).toBe(expected))

test.each([
  ['-sX host', '-sS'],
  ['-sn host', '-p 22,80,443'],
  ['-A host', 'services are named anyway'],
  ['-O host', 'no operating system scan'],
  ['-D x host', 'no decoys'],
  ['--script=vuln host', 'no scripts'],
  ['--min-rate 1000 host', '--rate N'],
  ['-T0 host', '--per-host-rate'],
  ['-T 9 host', '0 to 5'],
  ['-oS x host', 'no such format'],
  ['-sP host', '-p 22,80,443'],
  ['--packet-trace host', '-v says why'],
  ['--max-parallelism 10 host', '--rate N'],
  ['-oX', 'needs a value'],
  ['--max-rtt-timeout soon', '500ms'],
  ['-T9 host', '0 to 5'],
  ['-Tfast host', '0 to 5'],
  ['--osscan-guess host', 'no operating system scan'],
  ['--script-args x=y host', 'no scripts'],
  ['--data-string x host', 'as they should be'],
  ['--iflist', 'ip link'],
  ['--proxies x host', 'no proxy'],
  ['-c 50 -host x', '--rate N'],
  ['-nmap-cli x -host x', 'named anyway'],
  ['-ec -host x', '--exclude'],
  ['-hc', 'portolan doctor'],
  ['-passive -host x', 'are asked'],
  ['-oL out host', '-oJ'],
])('%s is refused and %s is said', (given, said) => expect(() => fromNmap(given.split(' '))).toThrow(said))

test('every option nmap lists in its help has an answer of its own', () => {
  const known = (SCAN.options ?? []).flatMap(({ flags }) => flags.split(/[ ,]+/))
  for (const option of NMAP) {
    const taken = () => {
      const [name = '', ...rest] = fromNmap([option, '1', '127.0.0.1'])
      return known.includes(name) || name === '1' || name === '127.0.0.1' ? 'understood' : [name, ...rest].join(' ')
    }
    let said: string
    try {
      said = taken()
    } catch (error) {
      said = error instanceof UsageError ? 'refused with advice' : String(error)
    }
    expect([option, said]).toEqual([option, expect.stringMatching(/^(understood|refused with advice)$/)])
  }
})

/** nmap(1), "Options summary", of version 7.93; those a person types, without what only its own developers use. */
const NMAP = (
  '-iL -iR --exclude --excludefile -sL -sn -Pn -PS22 -PA80 -PU53 -PY80 -PE -PP -PM -PO -n -R --dns-servers --system-dns ' +
  '--traceroute -sS -sT -sA -sW -sM -sU -sN -sF -sX --scanflags -sI -sY -sZ -sO -b -p --exclude-ports -F -r --top-ports ' +
  '--port-ratio -sV --version-intensity --version-light --version-all --version-trace -sC --script --script-args ' +
  '--script-args-file --script-trace --script-updatedb --script-help -O --osscan-limit --osscan-guess -T4 ' +
  '--min-hostgroup --max-hostgroup --min-parallelism --max-parallelism --min-rtt-timeout --max-rtt-timeout ' +
  '--initial-rtt-timeout --max-retries --host-timeout --scan-delay --max-scan-delay --min-rate --max-rate -f --mtu -D -S ' +
  '-e -g --source-port --proxies --data --data-string --data-length --ip-options --ttl --spoof-mac --badsum -oN -oX -oS ' +
  '-oG -oA -v -vv -d --reason --open --packet-trace --iflist --append-output --resume --noninteractive --stylesheet ' +
  '--webxml --no-stylesheet -6 -A --datadir --send-eth --send-ip --privileged --unprivileged'
).split(' ')
