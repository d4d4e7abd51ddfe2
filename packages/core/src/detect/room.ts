import { UDP_IN_FLIGHT } from './plan.ts'
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
 * with two at least, are sooner done.
 */
export function createRoom({ connections = 2000, perHostConnections = 100 }: RoomOptions = {}): Room {
  const slots = new Slots(connections, perHostConnections)
  const turnsFor = (each: number) => new Slots(Math.ceil(connections / each), perHostConnections)
  const turns = { tcp: turnsFor(2), udp: turnsFor(UDP_IN_FLIGHT) }
  return {
    slots,
    turns,
    limitHost(most) {
      for (const places of [slots, turns.tcp, turns.udp]) places.limitHost(most)
    },
  }
}
