/** The ONC RPC portmapper over TCP (RFC 1833 section 3), record marked (RFC 5531 section 11). */
import { parseRpcRecord, rpcCall, rpcRecord } from '#core/wire/onc-rpc.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { dumpCall, recogniseMappings } from '../rpc-portmap.ts'

export const rpcbind: Protocol = {
  name: 'rpcbind',
  transport: 'tcp',
  ports: [111],
  opens: 'client',
  recognise,
  identify,
}

function recognise(bytes: Uint8Array): Service | null {
  const message = parseRpcRecord(bytes)
  return message && recogniseMappings(message)
}

async function identify(session: Session): Promise<Service | null> {
  await session.write(rpcRecord(rpcCall(dumpCall(session.token))))
  return recognise(await session.readUntil((soFar) => parseRpcRecord(soFar) !== null))
}
