/**
 * SSH transport, identification exchange (RFC 4253 section 4.2):
 *
 *   greeting => *(text CRLF) "SSH-" protoversion "-" softwareversion [SP comments] CR LF      (at most 255 characters)
 *
 * Lines before the identification are allowed and do not begin with "SSH-". Old servers end with a bare LF.
 */
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'
import { clean, lines, startsWith } from '../text.ts'

export const ssh: Protocol = { name: 'ssh', transport: 'tcp', ports: [22, 2222, 830], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  if (!startsWith(bytes, 'SSH-') && !lines(bytes, 20).some((line) => line.startsWith('SSH-'))) return null
  const line = lines(bytes, 20).find((l) => l.startsWith('SSH-')) ?? ''
  const parts = /^SSH-(\d\.\d{1,2})-(\S*)(?: (.*))?$/.exec(line)
  if (parts === null) return null
  const [, protocol = '', software = '', comment = ''] = parts
  return service('ssh', { info: `protocol ${protocol}`, facts: { software: clean(software), comment: clean(comment) } })
}
