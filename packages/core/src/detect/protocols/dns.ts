/**
 * DNS over TCP (RFC 1035 section 4.2.2, RFC 7766), or over TLS (RFC 7858):
 *
 *   stream   = (length(2) message)*
 *   question => "version.bind" TXT CH, "id.server" TXT CH (RFC 4892), "invalid" SOA IN, all at once
 *   answer   => one message each, in any order (RFC 7766 section 6.2.1.1)
 */
import { DNS_CLASS, DNS_TYPE, type DnsMessage, dnsQuery, parseDns } from '#core/wire/dns.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { Writer } from '#core/wire/writer.ts'
import { dnsService, dnsSoftwareFromLocalZone, isNameServerReply, LOCAL_ZONE, serverName } from '../dns-server.ts'
import type { Protocol, Service, Session } from '../protocol.ts'

const CHAOS_TEXT = { type: DNS_TYPE.txt, class: DNS_CLASS.chaos }
const QUESTIONS = [{ name: 'version.bind', ...CHAOS_TEXT }, { name: 'id.server', ...CHAOS_TEXT }, LOCAL_ZONE]
const RECURSION_DESIRED = 0x0100
/** Three questions, and room for a server that repeats itself. */
const MESSAGES_CAP = 6

export const dns: Protocol = { name: 'dns', transport: 'tcp', ports: [53, 853], opens: 'client', recognise, identify }

function recognise(bytes: Uint8Array): Service | null {
  const [first] = parseDnsStream(bytes)
  return first ? dnsService(first) : null
}

async function identify(session: Session): Promise<Service | null> {
  const id = session.token & 0xfffc
  const writer = new Writer()
  for (const [i, question] of QUESTIONS.entries()) {
    const query = dnsQuery(id + i, question, question === LOCAL_ZONE ? RECURSION_DESIRED : 0)
    writer.u16(query.length).bytes(query)
  }
  await session.write(writer.finish())
  const messages = parseDnsStream(await session.readUntil((soFar) => parseDnsStream(soFar).length >= QUESTIONS.length))
  // Servers that serve one question a connection answer the first alone; one that mangles ids is no name server.
  const [version, name, local] = QUESTIONS.map((_, i) => messages.find((message) => message.id === id + i) ?? null)
  const known = version ?? name ?? local
  if (!known) return null
  const told = dnsService(known)
  const found = { ...told, hostname: serverName(name ?? null, told) }
  return found.product === null ? { ...found, ...dnsSoftwareFromLocalZone(local ?? null) } : found
}

/** The complete messages at the start of a stream; empty when the first is none of a name server. */
export function parseDnsStream(bytes: Uint8Array): readonly DnsMessage[] {
  const messages: DnsMessage[] = []
  const reader = new Reader(bytes)
  while (messages.length < MESSAGES_CAP) {
    const message = parseDns(orNull(() => reader.take(reader.u16())) ?? new Uint8Array())
    if (!isNameServerReply(message)) break
    messages.push(message)
  }
  return messages
}
