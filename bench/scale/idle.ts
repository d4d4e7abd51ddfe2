/** What an installation costs that has nothing to do: processor time of each process. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Figures } from './run.ts'
import { type Backend, cpu, serversIn, startService } from './service.ts'

/** Seconds until nothing is left of starting, and seconds looked at. */
const CALM = 8
const SECONDS = 20

async function measure(backend: Backend): Promise<Figures> {
  const service = await startService(backend)
  try {
    const worker = await service.worker()
    await sleep(CALM * 1_000)
    const of = {
      api: () => cpu(service.api.pid ?? 0),
      worker: () => cpu(worker.pid ?? 0),
      postgres: async () => sum(await Promise.all(serversIn(service.folder).map((pid) => cpu(pid).catch(() => 0)))),
      redis: () => (service.redisPid === null ? 0 : cpu(service.redisPid)),
    }
    const spent = async () => Promise.all(Object.values(of).map((take) => take()))
    const [before, from] = [await spent(), performance.now()]
    await sleep(SECONDS * 1_000)
    const [after, to] = [await spent(), performance.now()]
    const perSecond = after.map((seconds, i) => Math.round(((seconds - (before[i] ?? 0)) * 1e6) / (to - from)))
    const names = Object.keys(of)
    return {
      backend,
      ...Object.fromEntries(names.map((name, i) => [`${name}MsPerSecond`, perSecond[i] ?? Number.NaN])),
      allMsPerSecond: sum(perSecond),
    }
  } finally {
    await service.stop()
  }
}

const sum = (numbers: readonly number[]) => numbers.reduce((total, n) => total + n, 0)

export async function idle(): Promise<readonly Figures[]> {
  return [await measure('postgres'), await measure('redis')]
}
