import { describe, expect, test } from 'vitest'
import { PORT_ADVICE } from '#core/registry/port-advice.data.ts'
import { describePort, PORT_BOOK, tableName } from '#core/registry/ports.ts'
import { rankedPorts } from '#core/registry/top-ports.ts'
import { formatPorts } from '#core/target/port-set.ts'
import { parsePorts } from '#core/target/port-spec.ts'

test('IANA says one thing about TCP and another about UDP', () => {
  expect(describePort(22, 'tcp').iana).toMatchObject({
    name: 'ssh',
    description: expect.stringContaining('Secure Shell'),
  })
  expect(describePort(514, 'udp').iana?.name).toBe('syslog')
  expect(describePort(514, 'tcp').iana?.name).not.toBe('syslog')
  expect(describePort(80, 'tcp').iana?.name).toBe('http')
  expect(describePort(6001, 'tcp').iana?.name).toBe('x11')
  expect(describePort(60_123, 'tcp').iana).toBeNull()
})

test.each([
  [1, 'system'],
  [1023, 'system'],
  [1024, 'user'],
  [49_151, 'user'],
  [49_152, 'dynamic'],
  [65_535, 'dynamic'],
])('port %i is of class %s', (port, expected) => expect(describePort(port, 'tcp').class).toBe(expected))

test('advice names the risk and the encrypted alternative', () => {
  expect(describePort(23, 'tcp').advice).toMatchObject({ exposure: 'never', encrypted: expect.stringContaining('SSH') })
  expect(describePort(443, 'tcp').advice?.exposure).toBe('fine')
  expect(describePort(2375, 'tcp').advice?.exposure).toBe('never')
})

test('table names are what users of other scanners know', () => {
  const names = [22, 25, 53, 80, 443, 445, 3306, 3389, 5432, 6379].map((port) => tableName(port, 'tcp'))
  expect(names).toEqual([
    'ssh',
    'smtp',
    'domain',
    'http',
    'https',
    'microsoft-ds',
    'mysql',
    'ms-wbt-server',
    'postgresql',
    'redis',
  ])
  expect(tableName(60_123, 'tcp')).toBeNull()
})

describe('the book of the port spec', () => {
  const ports = (text: string) => {
    const parsed = parsePorts(text, { book: PORT_BOOK })
    return parsed.ok ? formatPorts(parsed.ports) : parsed.errors.map((error) => error.problem).join()
  }
  test.each([
    ['ssh', '22'],
    ['HTTP', '80'],
    ['www', '80'],
    ['https', '443'],
    ['rdp', '3389'],
    ['smb', '445'],
    ['U:snmp', 'U:161'],
    ['U:dns', 'U:53'],
    ['wireguard', 'no tcp service is called wireguard'],
    ['U:wireguard', 'U:51820'],
    ['elasticsearch', '9200,9300'],
  ])('%s is %s', (text, expected) => expect(ports(text)).toBe(expected))
  test('a misspelled name is answered with the one it is near to', () => {
    expect(['sssh', 'postgre', 'htpps', 'qqqqqqq'].map(PORT_BOOK.nearest)).toEqual(['ssh', 'postgres', 'https', null])
  })
  test('wildcards reach every registered name', () => {
    expect(ports('http*').split(',')).toEqual(expect.arrayContaining(['80', '443', '8080']))
    expect(ports('*sql*').split(',')).toEqual(expect.arrayContaining(['3306', '5432']))
  })
  test('the ten most common TCP ports are the ten everybody would name', () => {
    expect(PORT_BOOK.top(10, 'tcp')).toEqual(expect.arrayContaining([80, 443, 22]))
    expect(ports('top:1000').length).toBeGreaterThan(1000)
  })
})

test('the ranking is long enough, in range and without repeats', () => {
  for (const [transport, least] of [
    ['tcp', 1000],
    ['udp', 300],
  ] as const) {
    const ranked = rankedPorts(transport)
    expect(ranked.length).toBeGreaterThanOrEqual(least)
    expect(new Set(ranked).size).toBe(ranked.length)
    expect(ranked.every((port) => Number.isInteger(port) && port >= 1 && port <= 65_535)).toBe(true)
  }
})

test('there is advice for at least 150 ports, each port is advised on once, and every clear-text one has a cure', () => {
  const keys = PORT_ADVICE.flatMap(({ ports }) =>
    ports.split(' ').flatMap((item) => {
      expect(item).toMatch(/^(tcp|udp)\/\d+(-\d+)?$/)
      const [transport, range = ''] = item.split('/')
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, i) => `${transport}/${first + i}`)
    }),
  )
  expect(keys.filter((key, i) => keys.indexOf(key) !== i)).toEqual([])
  expect(keys.length).toBeGreaterThanOrEqual(150)
  for (const { name, risk, encrypted } of PORT_ADVICE)
    if (/^Clear text|travel in clear text/.test(risk)) expect([name, encrypted]).toEqual([name, expect.any(String)])
})
