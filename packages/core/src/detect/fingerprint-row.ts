/**
 * The short form of the commonest fingerprints: a name, maybe followed by a version.
 *
 *   [name, product, vendor, cpe, examples, more?]
 *
 * `fromRow`: the text begins with the name. `anywhere`: the name is a word of the text, and between it and the version
 * may stand `Server`, `Service`, `Version`, `v`, brackets and the like.
 */
import { type Fingerprint, lateFingerprint } from './fingerprint.ts'

export type FingerprintRow = readonly [
  name: string,
  product: string,
  vendor: string | null,
  cpe: string | null,
  examples: Fingerprint['examples'],
  more?: Pick<Fingerprint, 'os' | 'device' | 'info'>,
]

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

const build = ([name, product, vendor, cpe, examples, more]: FingerprintRow, pattern: () => string): Fingerprint =>
  lateFingerprint(
    () => new RegExp(pattern(), 'i'),
    () => examples,
    {
      literal: name.toLowerCase(),
      product,
      ...(vendor === null ? {} : { vendor }),
      ...(cpe === null ? {} : { cpe }),
      ...more,
    },
  )

/** A release of IBM's or Huawei's is written with its letters, `V5R3M0`. */
const VERSION = String.raw`(?<version>(?!4rev)(?:v(?=\d{1,4}r\d))?\d[^\s;,()/\]<>"|]*)`

export const fromRow = (row: FingerprintRow): Fingerprint =>
  build(
    row,
    () =>
      String.raw`^${literal(row[0])}(?![-_]?[A-Za-z])(?:[ /_,:-]{0,3}\(?(?:version |ver\.? ?|v(?!\d{1,4}r\d)|r)?\.?${VERSION})?`,
  )

/** Words between a name and its version. */
const BETWEEN = String.raw`(?:[ ,:/(_\[-]{0,3}(?:e?smtp|ftp|pop3|imap(?:4(?:rev1)?)?(?!4)|mail|server|service|receiver|daemon|x|release|version|ver\.?|build|rev\.?|\(tm\)|\(r\)|pro|plus)(?![a-z0-9])){0,3}`

export const anywhere = (row: FingerprintRow): Fingerprint =>
  build(
    row,
    () =>
      String.raw`(?<![A-Za-z])${literal(row[0])}(?![A-Za-z])(?:${BETWEEN}[ ,:/(_\[-]{0,3}(?:v(?!\d{1,4}r\d)|r)?\.?${VERSION})?`,
  )
