import { expect, test } from 'vitest'
import { type Look, reconcile } from '#core/exposure/reconcile.ts'

const listener = (address: string, port: number) => ({ transport: 'tcp' as const, address, port })
const look = (vantage: string, port: number, open: boolean): Look => ({ vantage, transport: 'tcp', port, open })
const verdicts = (ip: string, listeners: Parameters<typeof reconcile>[1], looks: readonly Look[]) =>
  reconcile(ip, listeners, looks).map(({ port, exposure }) => `${port} ${exposure}`)

test('inside and outside, port by port', () => {
  const listeners = [
    listener('0.0.0.0', 22),
    listener('198.51.100.7', 80),
    listener('127.0.0.1', 5432),
    listener('::', 443),
    listener('198.51.100.7', 9000),
  ]
  const looks = [
    look('office', 22, true),
    look('internet', 22, false),
    look('internet', 80, false),
    look('internet', 443, false),
    look('internet', 5432, false),
    look('internet', 8080, true),
  ]
  expect(verdicts('198.51.100.7', listeners, looks)).toEqual([
    '22 reachable',
    '80 filtered',
    '443 filtered',
    '5432 local',
    '8080 elsewhere',
    '9000 unasked',
  ])
  const [ssh] = reconcile('198.51.100.7', listeners, looks)
  expect(ssh).toMatchObject({ reachableFrom: ['office'], filteredFrom: ['internet'], listeners: [listeners[0]] })
})

test('what listens on another address of the host is another matter', () => {
  expect(verdicts('198.51.100.8', [listener('198.51.100.7', 80)], [])).toEqual([])
  expect(verdicts('198.51.100.8', [listener('198.51.100.7', 80)], [look('office', 80, true)])).toEqual(['80 elsewhere'])
})

test('a port that answers while only loopback listens is answered by somebody else, unless loopback was asked', () => {
  expect(verdicts('198.51.100.7', [listener('127.0.0.1', 80)], [look('office', 80, true)])).toEqual(['80 elsewhere'])
  expect(verdicts('127.0.0.1', [listener('127.0.0.1', 80)], [look('default', 80, true)])).toEqual(['80 reachable'])
})
