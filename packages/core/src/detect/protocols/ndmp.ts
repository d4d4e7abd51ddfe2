/**
 * Network data management protocol (NDMP version 4 specification, sections 2.2, 3.2 and 3.3): ONC records of XDR.
 *
 *   record   => mark(4) sequence(4) time(4) kind(4) message(4) reply-to(4) error(4) body        kind: 0 request, 1 reply
 *   greeting => NDMP_NOTIFY_CONNECTED (0x502): reason(4) version(4) text
 *   open     => NDMP_CONNECT_OPEN (0x900): version(4)                                           reply: error(4)
 *   server   => NDMP_CONFIG_GET_SERVER_INFO (0x108), for which nobody has to log in
 *            <= error(4) vendor product revision ...                                            each a string
 */
import { parseRpcRecord, readOpaque, rpcRecord } from '#core/wire/onc-rpc.ts'
import { latin1, orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { attempt, understood } from '../ask.ts'
import type { Protocol, Service, Session } from '../protocol.ts'
import { service } from '../service.ts'
import { cleanOrNull } from '../text.ts'
import { versionIn, versionToken } from '../version.ts'

const [REQUEST, REPLY] = [0, 1]
const [NOTIFY_CONNECTED, CONNECT_OPEN, GET_SERVER_INFO] = [0x502, 0x900, 0x108]
/** The first version that has the server tell its name. */
const TELLS_SERVER = 3

export const ndmp: Protocol = {
  name: 'ndmp',
  transport: 'tcp',
  ports: [10000],
  opens: 'server',
  recognise: (bytes) => describe(bytes, null),
  identify,
}

interface NdmpServer {
  readonly vendor: string | null
  readonly product: string | null
  readonly revision: string | null
}

function describe(bytes: Uint8Array, server: NdmpServer | null): Service | null {
  const greeting = parseGreeting(bytes)
  if (greeting === null) return null
  const { version, reason } = greeting
  const revision = server?.revision ?? null
  return service('ndmp', {
    product: server?.product ?? null,
    vendor: server?.vendor ?? null,
    version: revision === null ? null : (versionToken(revision) ?? versionIn(revision)),
    info: `NDMP version ${version}${reason === 0 ? '' : ', refused'}`,
    device: 'storage',
    facts: { version, reason, ...(revision === null ? {} : { revision }) },
  })
}

function parseGreeting(bytes: Uint8Array): { readonly reason: number; readonly version: number } | null {
  const body = parseNdmp(bytes, REQUEST, NOTIFY_CONNECTED, 0)
  const [reason = 4, version = 0] = (body && orNull(() => [body.u32(), body.u32()])) ?? []
  return reason > 3 || version < 2 || version > 5 ? null : { reason, version }
}

/** The body of the message, if it is one of this kind, or null. */
function parseNdmp(bytes: Uint8Array, kind: number, message: number, replyTo: number): Reader | null {
  const record = parseRpcRecord(bytes)
  return (
    record &&
    orNull(() => {
      const reader = new Reader(record, 8)
      const isThat = reader.u32() === kind && reader.u32() === message && reader.u32() === replyTo
      return isThat && reader.u32() === 0 ? reader : null
    })
  )
}

const request = (sequence: number, message: number, body: Uint8Array): Uint8Array =>
  rpcRecord(new Writer().u32(sequence).u32(0).u32(REQUEST).u32(message).u32(0).u32(0).bytes(body).finish())

async function identify(session: Session, greeting: Uint8Array): Promise<Service | null> {
  const { version, reason } = parseGreeting(greeting) ?? { version: 0, reason: 0 }
  const server = version >= TELLS_SERVER && reason === 0 ? await attempt(() => askServer(session, version)) : null
  return describe(greeting, server)
}

async function askServer(session: Session, version: number): Promise<NdmpServer | null> {
  await session.write(request(1, CONNECT_OPEN, new Writer().u32(version).finish()))
  const opened = await understood(session, (soFar) => parseNdmp(soFar, REPLY, CONNECT_OPEN, 1))
  if (opened === null || orNull(() => opened.u32()) !== 0) return null
  await session.write(request(2, GET_SERVER_INFO, new Uint8Array()))
  return understood(session, (soFar) => parseServer(parseNdmp(soFar, REPLY, GET_SERVER_INFO, 2)))
}

function parseServer(body: Reader | null): NdmpServer | null {
  return (
    body &&
    orNull(() => {
      if (body.u32() !== 0) return null
      const text = () => cleanOrNull(latin1(readOpaque(body)))
      return { vendor: text(), product: text(), revision: text() }
    })
  )
}
