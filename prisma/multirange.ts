import type { PortRange } from '@portolan/core/target/port-set.ts'

/** PostgreSQL's text form of an int4multirange; null when there are no ports, which is not the same as empty. */
export function multirange(ports: readonly PortRange[]): string | null {
  return ports.length === 0 ? null : `{${ports.map(({ first, last }) => `[${first},${last}]`).join(',')}}`
}
