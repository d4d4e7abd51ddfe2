/**
 * Network data management protocol (NDMP version 4 specification, sections 2.2 and 3.4): ONC records of XDR.
 *
 *   record => mark(4) sequence(4) time(4) kind(4)=0 message(4) reply-to(4) error(4) body
 *   greeting => NDMP_NOTIFY_CONNECTED (0x502): reason(4) version(4) text
 */
import { parseRpcRecord } from '#core/wire/onc-rpc.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const NOTIFY_CONNECTED = 0x502

export const ndmp: Protocol = { name: 'ndmp', transport: 'tcp', ports: [10000], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const record = parseRpcRecord(bytes)
  return (
    record &&
    orNull(() => {
      const reader = new Reader(record, 8)
      const [kind, message, replyTo, error, reason, version] = [
        reader.u32(),
        reader.u32(),
        reader.u32(),
        reader.u32(),
        reader.u32(),
        reader.u32(),
      ]
      if (
        kind !== 0 ||
        message !== NOTIFY_CONNECTED ||
        replyTo !== 0 ||
        error !== 0 ||
        reason > 3 ||
        version < 2 ||
        version > 5
      )
        return null
      const refused = reason === 0 ? '' : ', refused'
      return service('ndmp', {
        info: `NDMP version ${version}${refused}`,
        device: 'storage',
        facts: { version, reason },
      })
    })
  )
}
