import type { EndpointRecord } from './endpoint-record.ts'

/** Collects the endpoints of one host while they follow one another; a change of address gives the last host back. */
export function createHostGroup() {
  let held: EndpointRecord[] = []
  return {
    /** The endpoints of the host before this one, when `endpoint` starts a new host. */
    add(endpoint: EndpointRecord): readonly EndpointRecord[] {
      if (held.length === 0 || held[0]?.ip === endpoint.ip) {
        held.push(endpoint)
        return []
      }
      const before = held
      held = [endpoint]
      return before
    },
    rest(): readonly EndpointRecord[] {
      const last = held
      held = []
      return last
    },
  }
}
