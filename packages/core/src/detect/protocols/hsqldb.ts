/**
 * HSQLDB (hsqldb source, org/hsqldb/server/ServerConnection.java): the first four bytes of a client are a version or, of
 * ODBC, a length. Who says nothing for a second, and who sends a length that cannot be, is told:
 *
 *   silence => "HSQLDB JDBC Network Listener." LF "Use JDBC driver with Network Compatibility Version" version ...
 *   length  => "E" U32 "SFATAL" NUL "C08006" NUL "MBad length for " ... " packet." ...    errors in PostgreSQL's form
 */
import { latin1 } from '#core/wire/reader.ts'
import { cpe } from '../cpe.ts'
import type { Protocol, Service } from '../protocol.ts'
import { service } from '../service.ts'

const LISTENER = /^HSQLDB JDBC Network Listener\.\n.{0,80}?Network Compatibility Version ?([\d.]{1,20})?/
const BAD_LENGTH = /^E\0\0[\s\S]{2}SFATAL\0C08006\0MBad length for .{0,20}packet\. /

export const hsqldb: Protocol = { name: 'hsqldb', transport: 'tcp', ports: [9001], opens: 'server', recognise }

function recognise(bytes: Uint8Array): Service | null {
  const text = latin1(bytes.subarray(0, 400))
  const [listener, network] = LISTENER.exec(text) ?? []
  if (listener === undefined && !BAD_LENGTH.test(text)) return null
  return service('hsqldb', {
    product: 'HSQLDB',
    vendor: 'HSQL Development Group',
    // Of the network protocol: releases keep it for years.
    info: network ? `network version ${network}` : null,
    cpe: [cpe('a', 'hsqldb', 'hypersql_database')],
    facts: network ? { network } : {},
  })
}
