import { serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import type { Terminal } from '../terminal.ts'
import { wrapped } from '../wrapped.ts'
import type { Checked, Endpoint } from './check-endpoint.ts'

/** For programs. */
export function asFields({ result, detection, said }: Checked, { port, transport }: Endpoint) {
  const { ip, state, reason, rtt, from = null } = result
  const service = state === 'open' ? serviceRecord(detection, port, transport) : null
  return {
    ip,
    state,
    reason,
    rtt: rtt === null ? null : Number(rtt.toFixed(3)),
    from,
    detection: detection?.status ?? null,
    service,
    ...said,
  }
}

/** For people: the state, what it means, and what to try next. */
export function asText(
  { result, said }: Checked,
  { port, transport, hostname }: Endpoint,
  { paint, width }: Terminal,
): string {
  const { ip, state, reason, rtt } = result
  const style = state === 'open' ? 'good' : state === 'closed' ? 'bad' : 'warn'
  const time = rtt === null ? '' : `, ${rtt < 0.1 ? 'under 0.1' : rtt.toFixed(1)} ms`
  const name = hostname === null ? ip : `${hostname} (${ip})`
  const steps = said.tryNext.map((step) => `${wrapped(`  - ${step}`, width, 4)}\n`).join('')
  const head = `${name} port ${port}/${transport} is ${paint(style, state)} (${reason}${time})`
  return `${wrapped(head, width, 2)}\n${wrapped(said.meaning, width, 0)}\n${steps}`
}
