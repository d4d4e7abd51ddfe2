/**
 * Xapian's remote backend (xapian-tcpsrv(1), docs/remote_protocol): greeting => U8 0 (REPLY_UPDATE), U8 length, U8 major,
 * U8 minor, counts, and the database's UUID as 36 characters at the end.
 */
import { latin1 } from '#core/wire/reader.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const UUID = 36

export const xapian: Protocol = { name: 'xapian', transport: 'tcp', ports: [], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const [type, length, major = 0, minor = 0] = bytes
  if (type !== 0 || length !== bytes.length - 2 || length < UUID + 2 || major < 30 || major > 60) return null
  if (!/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(latin1(bytes.subarray(-UUID)))) return null
  return service('xapian', { product: 'Xapian', vendor: 'Xapian', info: `remote protocol ${major}.${minor}` })
}
