import fc from 'fast-check'
import { expect, test } from 'vitest'
import { describeSpecError } from '#core/target/parsed.ts'
import { countPorts, formatPorts, hasPort, listPorts } from '#core/target/port-set.ts'
import { type PortBook, type PortSpecOptions, parsePorts } from '#core/target/port-spec.ts'

const NAMES = [
  ['ssh', 'tcp', 22],
  ['http', 'tcp', 80],
  ['http-alt', 'tcp', 8080],
  ['https', 'tcp', 443],
  ['domain', 'tcp', 53],
  ['domain', 'udp', 53],
  ['snmp', 'udp', 161],
] as const

const book: PortBook = {
  named: (name, transport) => {
    const pattern = new RegExp(`^${name.replaceAll('*', '.*')}$`)
    return NAMES.filter(([known, of]) => of === transport && pattern.test(known)).map(([, , port]) => port)
  },
  top: (count, transport) => (transport === 'tcp' ? [80, 443, 22, 21, 25] : [53, 161]).slice(0, count),
  ranked: (transport) => (transport === 'tcp' ? 5 : 2),
  nearest: (name) => (name === 'htttp' ? 'http' : null),
}

function parse(text: string, options: Omit<PortSpecOptions, 'book'> = {}): string {
  const parsed = parsePorts(text, { book, ...options })
  return parsed.ok ? formatPorts(parsed.ports) : parsed.errors.map(describeSpecError).join('\n')
}

test.each([
  ['22,80,1-1024', '1-1024'],
  ['80,22', '22,80'],
  ['21,22,23', '21-23'],
  ['T:22,U:53', 'T:22,U:53'],
  ['U:53,161,T:22,80', 'T:22,80,U:53,161'],
  ['u:53', 'U:53'],
  ['-', '1-65535'],
  ['-100', '1-100'],
  ['60000-', '60000-65535'],
  ['top:3', '22,80,443'],
  ['T:top:2,U:top:2', 'T:80,443,U:53,161'],
  ['ssh', '22'],
  ['SSH,https', '22,443'],
  ['http*', '80,443,8080'],
  ['http-alt', '8080'],
  ['T:domain,U:domain', 'T:53,U:53'],
  ['1-100,!22', '1-21,23-100'],
  ['!20-30,1-100', '1-19,31-100'],
  ['T:1-10,U:1-10,T:!5', 'T:1-4,6-10,U:1-10'],
  ['!5,T:1-10,U:1-10', 'T:1-4,6-10,U:1-4,6-10'],
  ['-,!http*', '1-79,81-442,444-8079,8081-65535'],
  [' 22 , 80 ', '22,80'],
  ['00022', '22'],
])('%s means %s', (text, expected) => expect(parse(text)).toBe(expected))

test('the caller says which transport plain ports have', () => {
  expect(parse('53,161', { transport: 'udp' })).toBe('U:53,161')
  expect(parse('top:1', { transport: 'udp' })).toBe('U:53')
  expect(parse('T:80,U:53', { transport: 'udp' })).toBe('T:80,U:53')
  expect(parse('53,domain', { transport: 'both' })).toBe('T:53,U:53')
  expect(parse('snmp', { transport: 'both' })).toBe('U:161')
})

test('exclusions may come apart, and then hold for both transports', () => {
  expect(parse('T:1-10,U:1-10', { exclude: '5' })).toBe('T:1-4,6-10,U:1-4,6-10')
  expect(parse('T:1-10,U:1-10', { exclude: 'U:5' })).toBe('T:1-10,U:1-4,6-10')
  expect(parse('1-10', { exclude: '' })).toBe('1-10')
})

test.each([
  ['0', 'port 0 cannot be scanned (at character 1); write a port from 1 to 65535'],
  ['22,0-5', 'port 0 cannot be scanned (at character 4)'],
  ['65536', 'port 65536 is over 65535'],
  ['1-65536', 'port 65536 is over 65535 (at character 3)'],
  ['99999999999999999999', 'is over 65535'],
  ['22-', 'the range 22- has no end (at character 4); write 22-65535'],
  ['80,22-', 'the range 22- has no end (at character 7)'],
  ['100-50', 'runs backwards (at character 1); write 50-100'],
  ['', 'a port is missing'],
  ['22,,80', 'a port is missing (at character 4)'],
  ['22,', 'a port is missing (at character 4)'],
  ['S:22', 'S: is not a transport'],
  ['22/tcp', 'a transport stands before its ports, not behind (at character 1); write T:22'],
  ['80,53/udp', '(at character 4); write U:53'],
  ['nosuch', 'no tcp service is called nosuch'],
  ['htttp', 'or http if that was meant'],
  ['snmp', 'no tcp service is called snmp (at character 1); write U:snmp'],
  ['top:0', 'takes a number from 1 to 5'],
  ['top:6', 'takes a number from 1 to 5'],
  ['top:', 'takes a number'],
  ['1-2-3', 'neither a port nor a service name'],
  ['22;80', 'neither a port nor a service name'],
  ['22,!22', 'no port is left'],
])('%s is refused: %s', (text, problem) => expect(parse(text)).toContain(problem))

test('every flaw is reported, with a pointer to its field', () => {
  const parsed = parsePorts('0,22-,80', { book, exclude: '65536' })
  expect(parsed.ok ? [] : parsed.errors.map(({ pointer, position }) => [pointer, position])).toEqual([
    ['/ports', 0],
    ['/ports', 5],
    ['/excludePorts', 0],
  ])
})

const anyItem = fc.oneof(
  fc.integer({ min: 1, max: 65_535 }).map((port) => [port, port] as const),
  fc
    .tuple(fc.integer({ min: 1, max: 65_535 }), fc.integer({ min: 1, max: 65_535 }))
    .map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const),
)

test('a spec names the union of its items minus its exclusions, and its canonical text means the same', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyItem, fc.boolean()), { minLength: 1, maxLength: 8 }), (items) => {
      const text = items.map(([[first, last], out]) => `${out ? '!' : ''}${first}-${last}`).join(',')
      const wanted = new Uint8Array(65_536)
      for (const [[first, last], out] of items) if (!out) wanted.fill(1, first, last + 1)
      for (const [[first, last], out] of items) if (out) wanted.fill(0, first, last + 1)
      const expected = [...wanted.keys()].filter((port) => wanted[port])
      const parsed = parsePorts(text, { book })
      expect(parsed.ok).toBe(expected.length > 0)
      if (!parsed.ok) return
      expect([...listPorts(parsed.ports.tcp)]).toEqual(expected)
      expect(countPorts(parsed.ports.tcp)).toBe(expected.length)
      expect(hasPort(parsed.ports.tcp, expected[0]!)).toBe(true)
      expect(parsePorts(formatPorts(parsed.ports), { book })).toEqual(parsed)
    }),
    { numRuns: 60 },
  )
})

test('no text throws', () => {
  const alphabet = fc.constantFrom(...'0123456789-,:!TUtopssh* é\0')
  fc.assert(
    fc.property(fc.string({ unit: alphabet, maxLength: 20 }), (text) => {
      const parsed = parsePorts(text, { book: { ...book, named: () => [] } })
      if (!parsed.ok) for (const error of parsed.errors) expect(error.position).toBeLessThanOrEqual(text.length)
    }),
    { numRuns: 2000 },
  )
})
