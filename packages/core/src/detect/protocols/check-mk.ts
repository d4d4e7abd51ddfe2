/**
 * Checkmk agent (Checkmk manual, "Monitoring agents in detail"): the server opens with its whole report.
 *
 *   report  => ("<<<" section ">>>" LF line*)*, the first section "check_mk" with `Version:`, `AgentOS:`, `Hostname:`
 *   or, since 2.1 and with encryption, two digits that name the cipher: "16" for TLS, "03" and "00" for older ones
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull, startsWith } from '../text.ts'

const REPORT_CAP = 4096

export const checkMk: Protocol = { name: 'check-mk', transport: 'tcp', ports: [6556], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, '<<<')) return null
  const text = latin1(bytes.subarray(0, REPORT_CAP))
  if (!/^<<<[a-z_]{2,40}(?::[\w()]{1,20})*>>>\r?\n/.test(text) || !/<<<check_mk>>>/.test(text)) return null
  const value = (name: string) => cleanOrNull(new RegExp(`^${name}: (.{1,100})$`, 'm').exec(text)?.[1])
  const version = value('Version')
  const os = value('AgentOS')
  return service('check_mk', {
    product: 'Checkmk agent',
    vendor: 'Checkmk',
    version,
    os: os === null ? null : os[0]!.toUpperCase() + os.slice(1),
    hostname: value('Hostname'),
    cpe: [cpe('a', 'checkmk', 'checkmk', version)],
  })
}
