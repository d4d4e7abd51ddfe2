/** What the answers of an IKE responder say about it. */
import type { IkeMessage, IkePayload } from '#core/wire/ike.ts'
import { orNull, Reader } from '#core/wire/reader.ts'
import { cpe } from './cpe.ts'
import { IKE_VENDORS } from './ike-vendors.data.ts'
import type { Service } from './protocol.ts'
import { service } from './service.ts'

/** Vendor id and notification payloads of either version. */
const VENDOR_IDS = new Set([13, 43])
const [NOTIFICATION_1, NOTIFY_2] = [11, 41]
/** RFC 4739 and RFC 6023: of the usual responders strongSwan alone announces both to strangers. */
const [MULTIPLE_AUTHENTICATION, CHILDLESS] = [16_404, 16_418]
/** RFC 2408 section 3.14.1 and RFC 7296 section 3.10.1. */
const NOTIFICATIONS: Readonly<Record<number, string>> = {
  5: 'invalid major version',
  7: 'invalid syntax',
  14: 'no proposal chosen',
  17: 'invalid key exchange group',
  18: 'invalid id',
  24: 'authentication failed',
  16390: 'cookie required',
  16406: 'redirect',
}

export function describeIke(messages: readonly IkeMessage[]): Service {
  const payloads = messages.flatMap((message) => message.payloads)
  const ids = payloads
    .filter((payload) => VENDOR_IDS.has(payload.type))
    .map(({ body }) => Buffer.from(body).toString('hex'))
  const notified = messages.flatMap((message) => message.payloads.flatMap((payload) => notificationOf(payload) ?? []))
  const versions = [...new Set(messages.map((message) => `${message.major}.${message.minor}`))].sort()
  const facts = {
    versions,
    ...(ids.length > 0 ? { vendorIds: ids.map((id) => id.slice(0, 64)) } : {}),
    ...(notified.length > 0 ? { notifications: notified.map((code) => NOTIFICATIONS[code] ?? String(code)) } : {}),
  }
  return service('isakmp', {
    ...software(messages, ids, notified),
    info: `IKE ${versions.map((v) => `v${v[0]}`).join(', ')}`,
    facts,
  })
}

function software(
  messages: readonly IkeMessage[],
  ids: readonly string[],
  notified: readonly number[],
): Partial<Service> {
  const known = IKE_VENDORS.find((candidate) => ids.some((id) => id.startsWith(candidate.id)))
  if (known) {
    const { product, vendor, cpe: name, os = null } = known
    return { product, vendor, os, cpe: name ? [cpe(...name)] : [] }
  }
  const announced = notified.includes(MULTIPLE_AUTHENTICATION) && notified.includes(CHILDLESS)
  if (!announced && !messages.some(refusesLikeStrongswan)) return {}
  return { product: 'strongSwan', vendor: 'strongSwan', confidence: 0.8, cpe: [cpe('a', 'strongswan', 'strongswan')] }
}

/** RFC 7296 section 2.6 has a responder refuse with the SPI zero; strongSwan has made one up by then and sends it. */
const refusesLikeStrongswan = ({ major, responderSpi, payloads }: IkeMessage) =>
  major === 2 && responderSpi !== 0n && payloads.length === 1 && payloads[0]?.type === NOTIFY_2

/** Version 1: doi(4) protocol(1) spi-size(1) type(2); version 2: protocol(1) spi-size(1) type(2). */
function notificationOf({ type, body }: IkePayload): number | null {
  if (type !== NOTIFICATION_1 && type !== NOTIFY_2) return null
  return orNull(() => new Reader(body, type === NOTIFICATION_1 ? 6 : 2).u16())
}
