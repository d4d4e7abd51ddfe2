/** What a page calls itself in words written for people: its title, and the realm it asks a password for. */
import { describeDevice } from './describe-device.ts'
import { createMatcher, type Known } from './fingerprint.ts'
import { HTTP_AUTH_FINGERPRINTS } from './fingerprints/http-auth.data.ts'
import { HTTP_TITLE_FINGERPRINTS } from './fingerprints/http-title.data.ts'
import { PRODUCT_NAMES } from './fingerprints/product-names.data.ts'
import { isOrganisation } from './greeting-subject.ts'
import { isNobody, isOffTopic } from './nobody.ts'

const byTitle = createMatcher(HTTP_TITLE_FINGERPRINTS)
const byChallenge = createMatcher(HTTP_AUTH_FINGERPRINTS)
const byName = createMatcher(PRODUCT_NAMES, 256)

/** The product a title names for certain; null for one that only may. */
export const matchTitle = (title: string): Known | null =>
  isOffTopic(title) ? null : (byTitle(title) ?? byName(title))

/** `pyLoad WebUI`, `Hasura Console`: who calls a page so has made the software behind it. */
const INTERFACE =
  /^(?:welcome to )?((?!(?:the|my|your|our|this) )[A-Za-z][\w.-]{2,30}(?: [A-Z][\w.-]{1,30}){0,2}?)(?: v?(\d+(?:\.\d+){1,4}))? (?:Web ?UI|Web Interface|Web Console|Web GUI|(?:Management|Administration|Admin|Web Admin) (?:Console|Interface|UI)|Web Configurator|Web Client)(?: v?(\d+(?:\.\d+){1,4}))?(?: [-|] (?:log ?in|sign ?in|home))?$/i

/** A product nobody wrote a fingerprint for, by the name of its page; null for what only may be one. */
export function fromInterface(title: string): Known | null {
  const [, product = '', early, late] = INTERFACE.exec(title) ?? []
  if (product === '' || isNobody(product) || isOrganisation(product) || isOffTopic(title) || KIND.test(product))
    return null
  const version = early ?? late
  return { product, ...(version === undefined ? {} : { version }) }
}

/** What the page is about, where it is nobody's name. */
const KIND =
  /^(?:(?:network|system|device|router|switch|camera|printer|server|user|remote|local|central|wireless|web|admin|control|login|main|home|advanced|basic|embedded|http|cluster|customer|company)\b ?)+$/i

/** A `WWW-Authenticate` challenge; `realm="..."` is often the name of the device (RFC 9110 section 11.6.1). */
export function describeChallenge(challenge: string): Known | null {
  const realm = /realm ?= ?"?([^",]*)/i.exec(challenge)?.[1] ?? ''
  return byChallenge(challenge) ?? matchTitle(realm) ?? describeDevice(realm)
}
