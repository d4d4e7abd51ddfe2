import { LIMITS, UDP_IN_FLIGHT } from './plan.ts'
import { Slots } from './slots.ts'

export interface RoomOptions {
  /** Connections open at a time, in all and to one host. */
  readonly connections?: number
  readonly perHostConnections?: number
}

/** What detectors that share it may have open together. */
export interface Room {
  readonly slots: Slots
  /** Who may begin, by transport. */
  readonly turns: Readonly<Record<'tcp' | 'udp', Slots>>
  /** Another number of connections to one host, from now on. */
  limitHost(perHostConnections: number): void
}

/**
 * An endpoint that gets one connection only may run out of time before it is understood: fewer endpoints at once, each
 * with two at least, are sooner done; of one host so few that each gets all it makes use of.
 */
export function createRoom({ connections = 2000, perHostConnections = 100 }: RoomOptions = {}): Room {
  const slots = new Slots(connections, perHostConnections)
  const ofOneHost = (most: number) => Math.ceil(most / LIMITS.default.inFlight)
  const turns = {
    tcp: new Slots(Math.ceil(connections / 2), ofOneHost(perHostConnections)),
    udp: new Slots(Math.ceil(connections / UDP_IN_FLIGHT), perHostConnections),
  }
  return {
    slots,
    turns,
    limitHost(most) {
      for (const places of [slots, turns.udp]) places.limitHost(most)
      turns.tcp.limitHost(ofOneHost(most))
    },
  }
}
