/** Does somebody stand where scans are asked for? */
import { type Finding, fine, poor } from './finding.ts'

export type Vantages = {
  /** Workers that have been heard of in the last minute, by vantage; 0: there were some. */
  readonly alive: ReadonlyMap<string, number>
  /** Vantages that scans under way, or this machine (PORTOLAN_VANTAGE), count on. */
  readonly wanted: readonly string[]
}

export function judgeVantages({ alive, wanted }: Vantages): Finding {
  const name = 'vantages'
  const manned = [...alive].filter(([, workers]) => workers > 0)
  const said = manned
    .map(([vantage, workers]) => `${vantage} (${workers} worker${workers === 1 ? '' : 's'})`)
    .join(', ')
  const unknown = wanted.find((vantage) => !alive.has(vantage))
  if (unknown !== undefined)
    return poor(
      name,
      `no worker was ever at ${unknown}; there is ${said || 'nobody'}`,
      `check the spelling, or start one there: portolan worker --vantage ${unknown}`,
    )
  if (alive.size === 0) return poor(name, 'no worker has ever reported: scans wait', 'start one: portolan worker')
  const [left] = [...alive].filter(([, workers]) => workers === 0).map(([vantage]) => vantage)
  if (left === undefined) return fine(name, said)
  return poor(
    name,
    `the worker at ${left} is silent: scans from there wait; there is ${said || 'nobody'}`,
    `start it again: portolan worker --vantage ${left}`,
  )
}
