import { createDetector, type Detector } from '@portolan/core/detect/detect.ts'
import type { Target } from '@portolan/core/detect/endpoint.ts'
import type { Mode } from '@portolan/core/detect/plan.ts'
import type { ClientIdentity, Detection, Protocol } from '@portolan/core/detect/protocol.ts'
import { createRoom } from '@portolan/core/detect/room.ts'

/** Finds out what runs on open ports, for all shards of this worker under one limit. */
export interface Identifier {
  /** Null when `signal` aborted: what was heard by then is no verdict. */
  identify(target: Target, mode: Mode, signal: AbortSignal): Promise<Detection | null>
  /** So many workers share what one host bears. */
  shareHosts(workers: number): void
}

export type IdentifierOptions = {
  readonly client: ClientIdentity
  /** Connections at a time: of this worker, and to any one host of all workers together. */
  readonly connections: number
  readonly hostConnections: number
  /** What is known; more than the built-in when the user brings knowledge of their own. */
  readonly protocols?: readonly Protocol[]
}

export function createIdentifier({ connections, hostConnections, ...options }: IdentifierOptions): Identifier {
  const room = createRoom({ connections, perHostConnections: hostConnections })
  const detectors = new Map<Mode, Detector>()
  const detectorOf = (mode: Mode) => {
    const detector = detectors.get(mode) ?? createDetector({ ...options, mode, room })
    detectors.set(mode, detector)
    return detector
  }
  return {
    async identify(target, mode, signal) {
      if (signal.aborted) return null
      const detection = await detectorOf(mode).detect(target, signal)
      return signal.aborted ? null : detection
    },
    shareHosts(workers) {
      room.limitHost(Math.max(1, Math.floor(hostConnections / Math.max(1, workers))))
    },
  }
}
