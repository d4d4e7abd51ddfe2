import { fromNmap } from '@portolan/cli/src/scan/nmap-spellings.ts'
import { expect, test } from 'vitest'

test.each([
  ['-sS -p 22 host', '--engine syn --tcp -p 22 host'],
  ['-sT host', '--engine connect --tcp host'],
  ['-sU host', '--udp host'],
  ['-sSUV host', '--engine syn --tcp --udp host'],
  ['-Pn -n -T4 --reason host', 'host'],
  ['-T aggressive host', 'host'],
  ['-T2 host', '--per-host-rate 2.5 host'],
  ['-F host', '--ports top:100 host'],
  ['--top-ports 50 host', '--ports top:50 host'],
  ['--top-ports=50 host', '--ports top:50 host'],
  ['-oX out.xml -oG out', '--output xml:out.xml --output gnmap:out'],
  ['-oXout.xml', '--output xml:out.xml'],
  ['-oA base', '--output xml:base.xml --output gnmap:base.gnmap --output table:base.nmap'],
  ['-iL - -S 127.0.0.2 -e lo', '--targets-file - --source-address 127.0.0.2 --interface lo'],
  ['--max-rate 100 --max-retries 2 --max-rtt-timeout 500ms', '--rate 100 --retries 2 --timeout 500'],
  ['--version-intensity 9', '--services all'],
  ['--version-light', '--services light'],
  ['-sL host', '--list host'],
  ['-p- host', '-p- host'],
  ['-- -sS', '-- -sS'],
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
  ['-oX', 'needs a value'],
  ['--max-rtt-timeout soon', '500ms'],
])('%s is refused and %s is said', (given, said) => expect(() => fromNmap(given.split(' '))).toThrow(said))
