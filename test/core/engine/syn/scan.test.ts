import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { LocalTrouble } from '#core/engine/engine.ts'
import { readRecords } from '#core/engine/syn/records.ts'
import { countStates } from '#core/engine/syn/verdict.ts'
import { type Answer, FIRST_HOST, PORT_BASE, packetOf, type Sent, scanFake } from '#test/support/fake-internet.ts'

const mixed = (host: number, port: number): Answer =>
  (Math.imul(host ^ Math.imul(port, 2_654_435_761), 2_246_822_519) >>> 0) % 50 === 0 ? 'open' : 'closed'

const binned = (sent: readonly Sent[], window: number): number[] => {
  const bins: number[] = []
  for (const { at } of sent) bins[Math.floor(at / window)] = (bins[Math.floor(at / window)] ?? 0) + 1
  return Array.from(bins, (count) => count ?? 0)
}

describe('rate', () => {
  test.each([10, 100, 1000, 10_000, 100_000])('%i a second is sent to within 5 in 100, and evenly', (rate) => {
    const total = Math.min(60_000, rate * (rate < 100 ? 20 : 3))
    const task = { rate, to: total }
    const { internet, lasted } = scanFake({ answer: () => 'closed' }, { hosts: 4, ports: 15_000, task })
    const measured = (internet.sent.length * 1000) / (internet.sent.at(-1)?.at ?? lasted)
    expect(measured / rate).toBeGreaterThan(0.95)
    expect(measured / rate).toBeLessThan(1.05)
    expect(Math.max(...binned(internet.sent, 10))).toBeLessThanOrEqual(Math.max(2, rate * 0.0115 + 1))
  })

  test('holds for what is silent too, retries included', () => {
    const { internet } = scanFake({ answer: () => 'silent' }, { ports: 3000, task: { rate: 2000, retries: 2 } })
    expect(internet.sent.length).toBe(9000)
    expect(Math.max(...binned(internet.sent, 10))).toBeLessThanOrEqual(25)
  })

  test('a host gets no more than its share, the others are not held up', () => {
    const options = { hosts: 20, ports: 100, task: { perHostRate: 50 } }
    const { internet, lasted } = scanFake({ answer: mixed }, options)
    const perHost = new Map<number, number[]>()
    for (const { host, at } of internet.sent) perHost.set(host, [...(perHost.get(host) ?? []), at])
    for (const times of perHost.values())
      for (let i = 5; i < times.length; i++) expect((times[i] ?? 0) - (times[i - 5] ?? 0)).toBeGreaterThan(90)
    expect(lasted).toBeLessThan(2300)
  })

  test('a stopped process neither bursts nor gives ports up when it goes on', () => {
    const stopped = { from: 500, to: 20_500 }
    const clock = (now: number) => (now < stopped.from ? now : Math.max(stopped.from, now - 20_000))
    const { scan, internet } = scanFake(
      { answer: mixed, isUp: (now) => now < stopped.from || now > stopped.to },
      {
        hosts: 10,
        ports: 1000,
        task: { rate: 5000 },
        clock,
        each: (net) => {
          if (net.now > stopped.from && net.now < stopped.to) net.now = stopped.to
          return false
        },
      },
    )
    expect(Math.max(...binned(internet.sent, 10))).toBeLessThanOrEqual(60)
    expect(countStates(scan.tally).filtered).toBe(0)
  })
})

describe('recall', () => {
  test.each([
    { loss: 0, rtt: 0.2, jitter: 0 },
    { loss: 0.01, rtt: 50, jitter: 10 },
    { loss: 0.05, rtt: 20, jitter: 30 },
    { loss: 0.15, rtt: 5, jitter: 1 },
  ])('every port is found, and loss is reported as it is: $loss each way, rtt $rtt', (path) => {
    const { scan } = scanFake({ ...path, answer: mixed, seed: 5 }, { hosts: 16, ports: 250, task: { rate: 10_000 } })
    const lost = 1 - (1 - path.loss) ** 2
    expect(countStates(scan.tally).filtered).toBe(0)
    expect(Math.abs(scan.hosts.lossEstimate - lost)).toBeLessThan(0.01 + lost * 0.15)
    expect(scan.hosts.recallEstimate).toBeGreaterThan(0.9999)
  })

  test('with too few retries the estimate says what was missed', () => {
    const world = {
      loss: 0.2,
      rtt: 5,
      seed: 9,
      answer: (_: number, port: number) => (port % 3 === 0 ? 'closed' : 'silent'),
    } as const
    const { scan } = scanFake(world, { hosts: 20, ports: 600, task: { rate: 20_000, retries: 1 } })
    const recall = countStates(scan.tally).closed / 4000
    expect(recall).toBeLessThan(0.95)
    expect(Math.abs(scan.hosts.recallEstimate - recall)).toBeLessThan(0.03)
  })

  test('hosts that are not there cost little, even where packets are lost', () => {
    const world = {
      loss: 0.01,
      rtt: 10,
      answer: (host: number, port: number) => (host % 10 === 0 ? mixed(host, port) : 'silent'),
    } as const
    const { scan, internet } = scanFake(world, { hosts: 200, ports: 20, task: { rate: 20_000 } })
    expect(countStates(scan.tally)).toMatchObject({ filtered: 3600 })
    expect(internet.sent.length).toBeLessThan(4000 + 3600 * 2)
  })

  test('a host that takes far less than the rest is paced apart, and lost no port', () => {
    const world = { rtt: 10, answer: mixed, hostLimit: (host: number) => (host === FIRST_HOST ? 100 : 1e9) }
    const { scan, internet, lasted } = scanFake(world, { hosts: 8, ports: 400, task: { rate: 'max' } })
    expect(countStates(scan.tally).filtered).toBe(0)
    expect(lasted).toBeLessThan(12_000)
    const others = internet.sent.filter(({ host }) => host !== FIRST_HOST)
    expect(others.at(-1)?.at).toBeLessThan(2500)
    expect(scan.hosts.recallEstimate).toBeGreaterThan(0.999)
  })

  test.each([
    { limited: 4, retries: 1 },
    { limited: 8, retries: 2 },
  ])('$limited of 8 hosts take less than they are sent, $retries retries: the estimate says so', (given) => {
    const hostLimit = (host: number) => (host - FIRST_HOST < given.limited ? 150 : 1e9)
    const { scan } = scanFake(
      { rtt: 10, answer: mixed, hostLimit },
      { hosts: 8, ports: 400, task: { rate: 3000, retries: given.retries } },
    )
    const { open, closed } = countStates(scan.tally)
    const recall = (open + closed) / 3200
    expect(recall).toBeLessThan(0.92)
    expect(Math.abs(scan.hosts.recallEstimate - recall)).toBeLessThan(0.07)
  })
})

describe('congestion', () => {
  // Some 1.2 s of packets at what the link carries.
  test.each([1, 2, 3, 4, 5, 6])(
    'a narrow path is used well, on a machine that stalls now and then: seed %i',
    (seed) => {
      let x = seed
      const random = () => {
        x = (Math.imul(x, 1_664_525) + 1_013_904_223) >>> 0
        return x / 2 ** 32
      }
      const isThere = (host: number) => (Math.imul(host ^ seed, 2_246_822_519) >>> 0) % 10 >= 6
      const world = {
        rtt: 0.1,
        seed,
        answer: (host: number, port: number) => (isThere(host) ? mixed(host, port) : 'silent'),
        linkLimit: { rate: 8000, burst: 224 },
        hostLimit: () => 200,
      } as const
      const { scan, lasted } = scanFake(world, {
        hosts: 256,
        ports: 20,
        seed,
        task: { rate: 'max' },
        each: (internet) => {
          if (random() < 0.05) internet.now += random() * 15
          return false
        },
      })
      const there = Array.from({ length: 256 }, (_, i) => isThere(FIRST_HOST + i)).filter(Boolean).length
      expect(countStates(scan.tally).filtered).toBe((256 - there) * 20)
      expect(lasted).toBeLessThan(3000)
    },
  )
})

describe('order and accounts', () => {
  test('the same seed asks in the same order, another seed in another', () => {
    const order = (seed: number) =>
      scanFake({ answer: () => 'closed' }, { hosts: 4, ports: 200, seed }).internet.sent.map(
        (s) => `${s.host} ${s.port}`,
      )
    expect(order(7)).toEqual(order(7))
    expect(order(7)).not.toEqual(order(8))
  })

  test('whatever the network does, every position is counted once and recorded once', () => {
    const answers = ['open', 'closed', 'silent', 'admin-prohibited'] as const
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.double({ min: 0, max: 0.3, noNaN: true }),
        fc.double({ min: 0, max: 40, noNaN: true }),
        (seed, loss, jitter) => {
          const answer = (host: number, port: number) => answers[(host + port * 7 + seed) % 4] ?? 'silent'
          const world = { loss, jitter, rtt: 3, seed, answer }
          const { scan } = scanFake(world, { hosts: 5, ports: 30, seed, task: { rate: 5000, record: 'all' } })
          const results = readRecords(scan.records.take())
          expect(new Set(results.map((r) => r.position)).size).toBe(results.length)
          expect(results.length).toBe(150)
          expect(scan.tally.reduce((a, b) => a + b, 0)).toBe(150)
          for (const { ip, port, state } of results) {
            const truth = answer(FIRST_HOST + Number(ip.split('.')[3]), port)
            if (state === 'open' || state === 'closed') expect(state).toBe(truth)
            else if (truth === 'open') expect(loss).toBeGreaterThan(0)
          }
        },
      ),
      { numRuns: 40 },
    )
  })
})

describe('hostile networks', () => {
  test('forged SYN-ACKs, as many as probes, open no port and are counted', () => {
    let forged = 0
    const { scan } = scanFake(
      { answer: () => 'closed', rtt: 5 },
      {
        hosts: 2,
        ports: 2000,
        task: { rate: 5000 },
        each: (internet) => {
          for (let i = 0; i < 5; i++, forged++) {
            const target = { host: FIRST_HOST, port: 1 + (forged % 2000), at: 0 }
            const guess = {
              ...target,
              sourcePort: PORT_BASE + (forged % 256),
              sequence: Math.imul(forged, 2_654_435_761) >>> 0,
            }
            internet.deliver(packetOf('open', guess), internet.now)
          }
          return false
        },
      },
    )
    expect(countStates(scan.tally)).toMatchObject({ open: 0, closed: 4000 })
    expect(scan.answers.invalid).toBeGreaterThan(4000)
  })

  test('ICMP errors about probes that were never sent change nothing; an answer repeated counts once', () => {
    const { scan } = scanFake(
      { answer: mixed, rtt: 2 },
      {
        ports: 1000,
        each: (internet) => {
          const last = internet.sent.at(-1)
          if (last) {
            internet.deliver(packetOf('admin-prohibited', { ...last, sequence: last.sequence + 1 }), internet.now)
            for (let i = 0; i < 3; i++)
              internet.deliver(packetOf(mixed(last.host, last.port) as 'closed', last), internet.now + 2)
          }
          return false
        },
      },
    )
    expect(countStates(scan.tally).filtered).toBe(0)
    expect(scan.tally.reduce((a, b) => a + b, 0)).toBe(1000)
    expect(scan.hosts.answeredPositions).toBe(1000)
    expect(scan.answers.received).toBeLessThanOrEqual(scan.sent)
  })
})

describe('trouble of our own', () => {
  test('a path that goes silent for seconds costs time, not ports', () => {
    const world = { rtt: 10, answer: mixed, isUp: (now: number) => now < 300 || now > 4300 }
    const { scan, lasted } = scanFake(world, { hosts: 10, ports: 500, task: { rate: 5000 } })
    expect(countStates(scan.tally).filtered).toBe(0)
    expect(lasted).toBeGreaterThan(4300)
    expect(lasted).toBeLessThan(8000)
  })

  test('a path that stays silent fails the scan; nothing asked since is called filtered', () => {
    const world = { rtt: 10, answer: mixed, isUp: (now: number) => now < 300 }
    let filtered = 0
    const run = () =>
      scanFake(world, {
        hosts: 10,
        ports: 500,
        patience: 3000,
        task: { rate: 5000 },
        each: (_, scan) => {
          filtered = countStates(scan.tally).filtered
          return false
        },
      })
    expect(run).toThrow(LocalTrouble)
    expect(run).toThrow(/silent/)
    expect(filtered).toBe(0)
  })

  test('a full device queue slows down; a device that is gone fails the scan with its code', () => {
    const busy = scanFake(
      { answer: mixed, errno: (now) => (now > 100 && now < 400 ? 105 : 0) },
      { ports: 3000, task: { rate: 5000 } },
    )
    expect(countStates(busy.scan.tally).filtered).toBe(0)
    const gone = () =>
      scanFake(
        { answer: mixed, errno: (now) => (now > 100 ? 19 : 0) },
        { ports: 9000, patience: 1000, task: { rate: 5000 } },
      )
    expect(gone).toThrow(expect.objectContaining({ code: 'ENODEV' }))
  })

  test('where nothing ever answers, silence is believed', () => {
    const { scan, lasted } = scanFake({ answer: () => 'silent' }, { hosts: 3, ports: 50 })
    expect(countStates(scan.tally).filtered).toBe(150)
    expect(lasted).toBeLessThan(8000)
  })
})
