/** What a page calls itself in words written for people: its title, and the realm it asks a password for. */
import { describeDevice } from './describe-device.ts'
import { createMatcher, type Known } from './fingerprint.ts'
import { HTTP_AUTH_FINGERPRINTS } from './fingerprints/http-auth.data.ts'
import { HTTP_TITLE_FINGERPRINTS } from './fingerprints/http-title.data.ts'
import { PRODUCT_NAMES } from './fingerprints/product-names.data.ts'
import { isOffTopic } from './nobody.ts'

const byTitle = createMatcher(HTTP_TITLE_FINGERPRINTS)
const byChallenge = createMatcher(HTTP_AUTH_FINGERPRINTS)
const byName = createMatcher(PRODUCT_NAMES, 256)

/** The product a title names for certain; null for one that only may. */
export const matchTitle = (title: string): Known | null =>
  isOffTopic(title) ? null : (byTitle(title) ?? byName(title))

/** A `WWW-Authenticate` challenge; `realm="..."` is often the name of the device (RFC 9110 section 11.6.1). */
export function describeChallenge(challenge: string): Known | null {
  const realm = /realm ?= ?"?([^",]*)/i.exec(challenge)?.[1] ?? ''
  return byChallenge(challenge) ?? matchTitle(realm) ?? describeDevice(realm)
}
