import type { Engine, PortResult } from '@portolan/core/engine/engine.ts'
import { Suspects, type Watched } from '@portolan/core/engine/suspects.ts'
import type { Observation } from '@portolan/db/observations.ts'
import type { Parts } from './parts.ts'
import type { ShardRun } from './probe-shard.ts'
import { storeTarpit } from './tarpits.ts'

type Asked = { readonly engine: Engine; readonly limits: Watched['limits'] }

/** Has open ports examined, but those of hosts that open whatever they are asked. */
export function createJudge(parts: Parts, { scan, space, claim, stop, examiner }: ShardRun, { engine, limits }: Asked) {
  const watched = { engine, space, from: claim.from, limits, random: Math.random, signal: stop.signal }
  const suspects = new Suspects(watched)
  const waiting = new Set<Promise<void>>()
  const examine = (result: PortResult) => examiner.take(observationOf(result))
  const stored = new Set<string>()
  const decide = async (result: PortResult, guilty: boolean) => {
    if (!guilty) return examine(result)
    if (stored.has(result.ip)) return
    stored.add(result.ip)
    await storeTarpit(parts, scan, result.ip)
  }
  return {
    async take(result: PortResult): Promise<void> {
      const verdict = result.state === 'open' ? suspects.note(result.ip, result.position) : null
      if (verdict === null) return examine(result)
      const decided = verdict.then((guilty) => decide(result, guilty))
      waiting.add(decided)
      decided.finally(() => waiting.delete(decided)).catch(() => {})
    },
    async settled(): Promise<void> {
      await Promise.all(waiting)
    },
  }
}

export function observationOf({ ip, port, state, reason, rtt }: PortResult): Observation {
  return { ip, port, state, reason, rtt, seenAt: new Date(), detection: null }
}
