/** What a scan would do, for those who ask first. */
import { describeAnswers } from './prepare-scan.ts'
import type { ScanPlan, ScanRequest } from './schema.ts'
import { prepare } from './start-scan.ts'
import type { Starter } from './starter.ts'

/** Probes per second, for the estimate alone: a connect scan of one worker over a LAN; raw packets go faster. */
const USUAL_RATE = 5_000

export async function planOf(starter: Starter, request: ScanRequest): Promise<ScanPlan> {
  const { hosts, ports, portText, probes, refused, fatal, answers } = await prepare(starter, request)
  const count = (ranges: readonly { first: number; last: number }[]) =>
    ranges.reduce((sum, { first, last }) => sum + last - first + 1, 0)
  return {
    hosts: Number(hosts),
    ports: { tcp: count(ports.tcp), udp: count(ports.udp), spec: portText },
    probes: Number(probes),
    estimatedSeconds: Math.ceil(Number(probes) / (request.rate ?? USUAL_RATE)),
    accepted: fatal === null,
    refused: [...refused],
    resolved: describeAnswers(answers),
  }
}
