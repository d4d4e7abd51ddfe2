import type { Engine, PortResult } from '@portolan/core/engine/engine.ts'
import { Suspects, type Watched } from '@portolan/core/engine/suspects.ts'
import type { Observation } from '@portolan/db/observations.ts'
import type { Parts } from './parts.ts'
import type { ShardRun } from './probe-shard.ts'
import { conspicuousHosts, storeTarpit } from './tarpits.ts'

type Asked = { readonly engine: Engine; readonly limits: Watched['limits'] }

/** Has open ports examined, but those of hosts that open whatever they are asked. */
export function createJudge(parts: Parts, run: ShardRun, { engine, limits }: Asked) {
  const { scan, space, claim, stop, examiner, writer } = run
  const watched = { engine, space, from: claim.from, limits, random: Math.random, signal: stop.signal }
  const suspects = new Suspects(watched)
  const waiting = new Set<Promise<void>>()
  const examine = (result: PortResult) => examiner.take(observationOf(result))
  const stored = new Set<string>()
  const store = async (ip: string) => {
    if (stored.has(ip)) return
    stored.add(ip)
    await storeTarpit(parts, scan, ip)
  }
  const decide = (result: PortResult, guilty: boolean) => (guilty ? store(result.ip) : examine(result))
  /** One shard sees few ports of a host. The last to look sees what all have found. */
  const judgeByAll = async () => {
    const opened = suspects.opened(claim.to)
    if (opened.length === 0 || stop.signal.aborted) return
    await writer.flush()
    const verdicts = (await conspicuousHosts(parts, { scan, space }, opened)).map(async (ip) => {
      if (await suspects.suspect(ip)) await store(ip)
    })
    await Promise.all(verdicts)
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
      await judgeByAll()
    },
  }
}

export function observationOf({ ip, port, state, reason, rtt }: PortResult): Observation {
  return { ip, port, state, reason, rtt, seenAt: new Date(), detection: null }
}
