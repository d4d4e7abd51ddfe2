/** The same work by 1, 2 and 4 workers, each at a vantage with a rate limit of its own. */
import type { Figures } from './run.ts'
import { allFinished, startService } from './service.ts'

/** Probes a second of one vantage: little enough that the processor is no limit. */
const RATE = 2_000
const PORTS = 100
const VANTAGES = ['v0', 'v1', 'v2', 'v3'] as const

/** Four networks of 256 addresses, shared out among the vantages; seconds from the first request to the last scan's end. */
async function timeOf(workers: number): Promise<number> {
  const service = await startService('postgres')
  try {
    const vantages = VANTAGES.slice(0, workers)
    const limits = Object.fromEntries(vantages.map((vantage) => [vantage, RATE]))
    await service.call('PUT', '/v1/limits', { global: null, perHost: null, vantages: limits })
    for (const vantage of vantages) await service.worker({ vantage })
    const began = performance.now()
    for (const i of VANTAGES.keys())
      await service.call('POST', '/v1/scans', {
        targets: [`127.41.${i}.0/24`],
        ports: `1-${PORTS}`,
        engine: 'connect',
        services: false,
        vantages: [vantages[i % workers]],
      })
    await allFinished(service)
    return (performance.now() - began) / 1_000
  } finally {
    await service.stop()
  }
}

export async function workers(): Promise<readonly Figures[]> {
  const [one, two, four] = [await timeOf(1), await timeOf(2), await timeOf(4)]
  const round = (n: number) => Number(n.toFixed(3))
  return [
    {
      oneSeconds: round(one),
      twoSeconds: round(two),
      fourSeconds: round(four),
      two: round(two / one),
      four: round(four / one),
      bar: 0.28,
    },
  ]
}
