/** The names of products that reach a result: spelled as the dictionary spells them, one for each product. */
import { expect, test } from 'vitest'
import { createMatcher } from '#core/detect/fingerprint.ts'
import { FINGERPRINTS } from '#core/detect/fingerprints.ts'
import { operatingSystem } from '#core/detect/operating-system.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { cpeFromUri, cpeUri } from '#core/format/cpe-uri.ts'
import { converseFixture } from '#test/support/converse.ts'
import { fixturesOf } from '#test/support/fixture.ts'
import { REVIEWED, REVIEWED_SYSTEMS, SEVERAL_NAMES } from './reviewed-names.data.ts'

/** The grammar of NISTIR 7695 section 6.2.1, with what our names use of it. */
const BOUND = /^cpe:2\.3:[aoh](?::(?:\*|-|(?:[a-z0-9._-]|\\[!-~])+)){10}$/
/** What may stand for itself is not escaped (section 6.2.2.1), and no name we know holds a backslash of its own. */
const ESCAPED_IN_VAIN = /\\[A-Za-z0-9._\-\\]/

interface Told {
  readonly from: string
  readonly product: string | null
  readonly cpe: readonly string[]
}

/** What every example of the fingerprints and every recording of a server yields. */
async function everythingTold(): Promise<Told[]> {
  const told: Told[] = []
  for (const table of Object.values(FINGERPRINTS))
    for (const fingerprint of table) {
      const match = createMatcher([fingerprint])
      for (const text of Object.keys(fingerprint.examples)) {
        const { cpe = [], product = null } = match(text) ?? {}
        told.push({ from: text, product: fingerprint.product ?? product, cpe })
      }
    }
  for (const protocol of PROTOCOLS)
    for (const fixture of fixturesOf(protocol.name)) {
      const found = await converseFixture(protocol, fixture)
      if (found !== null) told.push({ from: fixture.name, product: found.product, cpe: found.cpe })
    }
  return told
}

const nameOf = (cpe: string): string =>
  /^cpe:2\.3:([aoh]:(?:\\.|[^:\\])+:(?:\\.|[^:\\])+):/.exec(cpe)?.[1] ?? `unreadable ${cpe}`

const all = await everythingTold()

test('every name is bound as the specification says and survives the older spelling', () => {
  expect(all.flatMap(({ cpe }) => cpe).length).toBeGreaterThan(1500)
  const wrong = all.flatMap(({ from, cpe }) =>
    cpe
      .filter((name) => !BOUND.test(name) || ESCAPED_IN_VAIN.test(name) || cpeFromUri(cpeUri(name)) !== name)
      .map((name) => `${from}: ${name}`),
  )
  expect(wrong).toEqual([])
})

/** A text may name the system beside the product, so the first name is the product's. */
const namesBy = new Map<string, Set<string>>()
for (const { product, cpe } of all) {
  const key = product?.toLowerCase()
  const [first] = cpe
  if (key === undefined || first === undefined || (cpe.length === 1 && isSystem(first))) continue
  namesBy.set(key, (namesBy.get(key) ?? new Set()).add(nameOf(first)))
}

/** An operating system alone beside a product that has no name. */
function isSystem(cpe: string): boolean {
  return /^cpe:2\.3:o:(?:linux|debian|canonical|redhat|microsoft|freebsd|netbsd|openbsd|apple|sun|oracle|ibm)\b/.test(
    cpe,
  )
}

test('a product has one name, whichever text tells it', () => {
  const several = [...namesBy].filter(([, names]) => names.size > 1).map(([product, names]) => [product, [...names]])
  expect(several.filter(([product]) => !(String(product) in SEVERAL_NAMES))).toEqual([])
  for (const [product, names] of Object.entries(SEVERAL_NAMES))
    for (const name of namesBy.get(product) ?? []) expect(names).toContain(name)
})

test('the reviewed products are named as the dictionary names them', () => {
  expect(Object.keys(REVIEWED).length).toBeGreaterThanOrEqual(100)
  const found = Object.keys(REVIEWED).map((product) => [
    product,
    [...(namesBy.get(product.toLowerCase()) ?? [])].join(),
  ])
  expect(Object.fromEntries(found)).toEqual(REVIEWED)
})

test.each(Object.entries(REVIEWED_SYSTEMS))('the system in %s is %s', (text, name) => {
  expect(operatingSystem(text)?.cpe.map((cpe) => cpe.split(':').slice(3, 6).join(':'))).toEqual([name])
})
