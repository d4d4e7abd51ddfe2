import type { Transport } from '@portolan/core/target/probe-space.ts'
import type { Observation } from '@portolan/db/observations.ts'
import type { Scan } from './load-scan.ts'
import type { Parts } from './parts.ts'
import type { ShardWriter } from './shard-writer.ts'
import type { Stop } from './stop.ts'

/** Open ports of one shard under examination at a time; the engine waits for them rather than piling more up. */
const MOST = 1000

/** Has the open ports of one shard identified, many at a time, while its engine goes on. */
export interface Examiner {
  /** Takes over an observation, if it is one that can be identified; waits for a place. Throws what an examination threw. */
  take(observation: Observation): Promise<void>
  /** Resolves when all are done. Throws what an examination threw. */
  idle(): Promise<void>
}

type For = { readonly scan: Scan; readonly transport: Transport; readonly writer: ShardWriter; readonly stop: Stop }

export function createExaminer(
  { identifier, tally }: Pick<Parts, 'identifier' | 'tally'>,
  { scan, transport, writer, stop }: For,
): Examiner {
  const { services } = scan
  const running = new Set<Promise<void>>()
  let failure: { readonly error: unknown } | null = null
  const check = () => {
    if (failure !== null) throw failure.error
  }
  const examine = async (observation: Observation) => {
    if (services === 'none') return
    const { ip: address, port } = observation
    const target = { address, port, transport, hostname: scan.hostnameOf(address) }
    const detection = await identifier.identify(target, services, stop.signal)
    if (detection === null) return
    await writer.observe({ ...observation, detection })
    tally.add({ examined: 1, identified: detection.status === 'identified' ? 1 : 0 })
  }
  return {
    async take(observation) {
      if (services === 'none' || observation.state !== 'open' || stop.signal.aborted) return
      while (running.size >= MOST) await Promise.race(running)
      check()
      const run: Promise<void> = examine(observation)
        .catch((error: unknown) => {
          failure ??= { error }
        })
        .finally(() => running.delete(run))
      running.add(run)
    },
    async idle() {
      while (running.size > 0) await Promise.all(running)
      check()
    },
  }
}
