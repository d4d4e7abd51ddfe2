import os from 'node:os'
import { describe, expect, it } from 'vitest'
import { errnoName, verdictOf, verdictOfName } from '#core/engine/errno.ts'
import { icmpReason, icmpState } from '#core/engine/icmp-verdict.ts'

describe('errno', () => {
  it.runIf(process.platform === 'linux')('knows the numbers of this system', () => {
    for (const [name, number] of Object.entries(os.constants.errno)) {
      const known = errnoName(number)
      if (!known.startsWith('errno ') && !['EWOULDBLOCK', 'ENOTSUP'].includes(name)) expect(known).toBe(name)
    }
    expect(verdictOf(os.constants.errno.ECONNREFUSED)).toEqual({
      kind: 'state',
      state: 'closed',
      reason: 'conn-refused',
    })
  })

  it('never turns trouble of this machine into a port state', () => {
    const local = 'EMFILE ENFILE EADDRNOTAVAIL EADDRINUSE ENOBUFS ENOMEM ENETDOWN ENETRESET ECONNABORTED EPERM EINVAL'
    for (const name of local.split(' ')) expect(verdictOfName(name).kind, name).toBe('local')
    for (const name of ['', 'EWHATEVER', 'EIO'])
      expect(verdictOfName(name)).toEqual({ kind: 'local', remedy: 'fatal', code: name })
    for (const number of [-1, 0, 5, 133, 134, 9999]) expect(verdictOf(number).kind).toBe('local')
  })

  it('tells refused from silent from unreachable', () => {
    expect(verdictOfName('ETIMEDOUT').kind).toBe('silent')
    expect(verdictOfName('EHOSTUNREACH')).toMatchObject({ state: 'filtered', reason: 'host-unreach' })
    expect(verdictOfName('ENETUNREACH')).toMatchObject({ state: 'filtered', reason: 'net-unreach' })
    expect(verdictOfName('ECONNRESET')).toMatchObject({ state: 'open' })
    expect(verdictOfName('EINPROGRESS').kind).toBe('pending')
  })
})

describe('ICMP verdicts', () => {
  it.each([
    [4, 3, 3, 'port-unreach'],
    [4, 3, 13, 'admin-prohibited'],
    [4, 3, 9, 'net-prohibited'],
    [4, 3, 4, null],
    [4, 3, 99, null],
    [4, 11, 0, 'ttl-exceeded'],
    [4, 8, 0, null],
    [6, 1, 4, 'port-unreach'],
    [6, 1, 1, 'admin-prohibited'],
    [6, 2, 0, null],
    [6, 4, 1, 'proto-unreach'],
    [6, 4, 0, 'param-problem'],
  ] as const)('IPv%i type %i code %i is %s', (family, type, code, reason) => {
    expect(icmpReason(family, type, code)).toBe(reason)
  })

  it('calls a UDP port closed on the word of the target alone', () => {
    expect(icmpState('udp', 'port-unreach', true)).toBe('closed')
    expect(icmpState('udp', 'port-unreach', false)).toBe('filtered')
    expect(icmpState('udp', 'admin-prohibited', true)).toBe('filtered')
    expect(icmpState('tcp', 'port-unreach', true)).toBe('filtered')
  })
})
