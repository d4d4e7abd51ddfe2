import { explainEndpoint } from '@portolan/core/exposure/explain-endpoint.ts'
import { certificateOf, type ServiceRecord, serviceLine, serviceRecord } from '@portolan/core/format/endpoint-record.ts'
import { type Address, formatAddress } from '@portolan/core/target/address.ts'
import { auditSql } from '../http/audit.ts'
import { type Operation, ok, operation } from '../http/operation.ts'
import type { Checked } from './check-endpoint.ts'
import { permittedAddresses } from './permitted-addresses.ts'
import { Check, CheckRequest, type CheckResult } from './schema.ts'

const check = operation({
  id: 'checkPort',
  method: 'post',
  path: '/v1/check',
  tag: 'Check',
  access: 'scan',
  summary: 'Can you see me?',
  description:
    'Asks one port of one host, now and from where the API runs, and explains the answer. Every address of a name is asked. The scope holds here as for scans.',
  body: CheckRequest,
  bodyExample: { host: '127.0.0.1', port: 22 },
  answers: { 200: { description: 'What was seen.', schema: Check } },
  problems: ['out-of-scope', 'unresolvable-name'],
  async handle(call) {
    const { port, transport, service } = call.body
    const { host, hostname, addresses } = await permittedAddresses(call, call.body.host)
    const entry = { action: 'check.run', targetType: 'endpoint', targetId: `${host} ${port}/${transport}` }
    const asked = { host, port, transport, addresses: addresses.map(formatAddress) }
    await auditSql(call.parts.db.pool, call, { ...entry, after: asked })
    const ask = (address: Address) => call.parts.checker.check({ address, port, transport, hostname }, service)
    const checked = await Promise.all(addresses.map(ask))
    return ok({ host, port, transport, results: checked.map((one) => resultOf(one, call.body)) })
  },
})

function resultOf(
  { result, detection }: Checked,
  { port, transport }: { port: number; transport: 'tcp' | 'udp' },
): CheckResult {
  const { ip, state, reason, rtt, from } = result
  const shown = serviceRecord(detection, port, transport)
  const record = detection?.status === 'identified' ? shown : null
  const seen = { ip, port, transport, state, reason, ...(from !== undefined && { from }) }
  const detected = { detection: detection?.status ?? null, service: record && namedIn(record) }
  const certificate = shown && certificateOf(shown)
  const words = detection ? { words: detection.evidence } : {}
  const { meaning, tryNext } = explainEndpoint({ ...seen, ...detected, ...words, certificate })
  return {
    ip,
    state,
    reason,
    rtt,
    detection: detected.detection,
    service: record && {
      name: record.name,
      product: record.product,
      version: record.version,
      info: record.info,
      tls: record.tls !== null,
    },
    meaning,
    tryNext: [...tryNext],
  }
}

function namedIn(record: ServiceRecord): string {
  const line = serviceLine(record)
  return line === '' ? record.name : `${record.name}, ${line}`
}

export const checkOperations: readonly Operation[] = [check]
