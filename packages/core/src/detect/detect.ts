/**
 * Service detection: who answers at an endpoint, above layer 4. Never throws for anything the other side does; local
 * trouble (no file descriptors left) is thrown.
 *
 *   const detector = createDetector({ mode: 'default' })
 *   const detection = await detector.detect({ address: '127.0.0.1', port: 22, transport: 'tcp' }, signal)
 *
 * One detector serves thousands of endpoints: call `detect` for all of them, the limits hold across the calls.
 */
import type { Endpoint, Finding, Target } from './endpoint.ts'
import { examineTcp } from './examine-tcp.ts'
import { examineUdp } from './examine-udp.ts'
import { isAtHome, isListenOnly, LIMITS, type Mode } from './plan.ts'
import type { ClientIdentity, Detection, Protocol } from './protocol.ts'
import { PROTOCOLS } from './protocols.ts'
import { createRoom, type Room, type RoomOptions } from './room.ts'

export interface DetectorOptions extends RoomOptions {
  /** How far to go; default `default`. */
  readonly mode?: Mode
  /** Shared with other detectors, instead of room of its own. */
  readonly room?: Room
  /** Milliseconds for one endpoint, instead of the mode's own. */
  readonly timeout?: number
  readonly client?: ClientIdentity
  /** What is known; more than the built-in when the user brings knowledge of their own. */
  readonly protocols?: readonly Protocol[]
  readonly random?: () => number
}

export interface Detector {
  detect(target: Target, signal?: AbortSignal): Promise<Detection>
}

const EVIDENCE_CAP = 4096

export function createDetector({
  mode = 'default',
  connections,
  perHostConnections,
  room = createRoom({ ...(connections && { connections }), ...(perHostConnections && { perHostConnections }) }),
  timeout = LIMITS[mode].total,
  client = { name: 'Portolan', url: null },
  protocols = PROTOCOLS,
  random = Math.random,
}: DetectorOptions = {}): Detector {
  const { slots, turns } = room
  const limits = { ...LIMITS[mode], total: timeout }
  const speaking = {
    tcp: protocols.filter(({ transport }) => transport === 'tcp'),
    udp: protocols.filter(({ transport }) => transport === 'udp'),
  }
  // Too rare to be asked here, a user's question still lends its patterns.
  const askable = (known: readonly Protocol[], { port }: Target) =>
    known.map((p) => {
      if (p.rarity === undefined || p.rarity <= limits.rarity || isAtHome(p, port)) return p
      const { identify: _, ...patterns } = p
      return patterns
    })
  return {
    async detect(target, signal) {
      const { address, transport } = target
      const turn = await turns[transport].take(address)
      const base = await slots.take(address)
      try {
        const deadline = AbortSignal.timeout(timeout)
        const all = signal === undefined ? deadline : AbortSignal.any([signal, deadline])
        const listenOnly = isListenOnly(target.port, speaking[transport])
        const known = { target, limits, listenOnly, protocols: askable(speaking[transport], target), client, random }
        return verdict(await examine({ ...known, slots, signal: all }))
      } finally {
        base.release()
        turn.release()
      }
    },
  }
}

const examine = (endpoint: Endpoint): Promise<Finding> =>
  endpoint.target.transport === 'tcp' ? examineTcp(endpoint) : examineUdp(endpoint)

function verdict({ service, tls, heard, wrapped }: Finding): Detection {
  const evidence = heard.slice(0, EVIDENCE_CAP)
  if (service !== null) return { status: 'identified', method: 'probed', service, tls, evidence }
  const spoke = tls !== null || heard.length > 0
  return { status: spoke ? 'unidentified' : wrapped ? 'tcpwrapped' : 'silent', tls, evidence }
}

/** One endpoint on its own. */
export function detectService(target: Target, options: DetectorOptions & { readonly signal?: AbortSignal } = {}) {
  return createDetector(options).detect(target, options.signal)
}
