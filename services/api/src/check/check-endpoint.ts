/** One port of one address, now: the engines and the detector of the scanner, for a single probe. */
import type { Detector } from '@portolan/core/detect/detect.ts'
import type { Detection } from '@portolan/core/detect/protocol.ts'
import { LocalTrouble, type PortResult } from '@portolan/core/engine/engine.ts'
import { selectEngine } from '@portolan/core/engine/select-engine.ts'
import { type Address, formatAddress } from '@portolan/core/target/address.ts'
import { setOfAddresses } from '@portolan/core/target/address-set.ts'
import { createProbeSpace } from '@portolan/core/target/create-probe-space.ts'
import type { Transport } from '@portolan/core/target/probe-space.ts'
import { Problem } from '../http/problem.ts'

export interface Endpoint {
  readonly address: Address
  readonly port: number
  readonly transport: Transport
  /** The name that was asked for: SNI and Host header. */
  readonly hostname: string | null
}

export interface Checked {
  readonly result: PortResult
  /** Null when the port is not open, or nobody asked. */
  readonly detection: Detection | null
}

export interface Checker {
  /** Throws `unavailable` when too many checks run already, or this machine cannot ask. */
  check(endpoint: Endpoint, withService: boolean): Promise<Checked>
}

/** A client waits: milliseconds for the port to answer, and for what runs there to say who it is. */
const PORT_TIMEOUT = 2_000
const SERVICE_TIMEOUT = 8_000
/** Checks at a time in this process; a scan is the way to ask more. */
const AT_ONCE = 32

/** Connections as any user could open them: no privilege, and the path a real client takes. */
export function createChecker(): Checker {
  let detector: Promise<Detector> | undefined
  let running = 0
  return {
    async check(endpoint, withService) {
      if (running >= AT_ONCE)
        throw new Problem('unavailable', `${AT_ONCE} checks are running already`, { headers: { 'Retry-After': '1' } })
      running++
      try {
        const result = await probe(endpoint)
        if (result.state !== 'open' || !withService) return { result, detection: null }
        detector ??= openDetector()
        const { port, transport, hostname } = endpoint
        return { result, detection: await (await detector).detect({ address: result.ip, port, transport, hostname }) }
      } finally {
        running--
      }
    },
  }
}

/** Loaded with the first question: it knows hundreds of protocols, and most API processes are never asked. */
async function openDetector(): Promise<Detector> {
  const { createDetector } = await import('@portolan/core/detect/detect.ts')
  return createDetector({ timeout: SERVICE_TIMEOUT, connections: AT_ONCE * 8 })
}

async function probe({ address, port, transport }: Endpoint): Promise<PortResult> {
  const ports = [{ first: port, last: port }]
  const space = createProbeSpace({ addresses: setOfAddresses([address]), ports, transport, seed: 1 })
  const engine = await selectEngine(transport, 'connect')
  const task = { space, from: 0, to: 1, record: 'all', retries: 1, timeout: PORT_TIMEOUT } as const
  try {
    for await (const { results } of engine.scan(task, AbortSignal.timeout(3 * PORT_TIMEOUT)))
      for (const result of results) return result
  } catch (error) {
    if (!(error instanceof LocalTrouble)) throw error
    throw new Problem('unavailable', `this machine cannot ask: ${error.message}`, { cause: error })
  }
  // The engine reports every port it is asked for with `record: all`; running out of time is silence.
  const state = transport === 'udp' ? 'open|filtered' : 'filtered'
  return { position: 0, ip: formatAddress(address), port, state, reason: 'no-response', rtt: null }
}
