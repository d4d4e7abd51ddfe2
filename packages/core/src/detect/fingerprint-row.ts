/**
 * The short form of the commonest fingerprint: a text that begins with a name, maybe followed by a version.
 *
 *   [name, product, vendor, cpe, examples, more?]
 *
 * becomes `^name` + optional ` `, `/`, `-`, `_` or `(` + optional `v`, `R`, `Version` + the version.
 */
import type { Fingerprint } from './fingerprint.ts'

export type FingerprintRow = readonly [
  name: string,
  product: string,
  vendor: string | null,
  cpe: string | null,
  examples: Fingerprint['examples'],
  more?: Pick<Fingerprint, 'os' | 'device' | 'info'>,
]

const literal = (text: string): string => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

export function fromRow([name, product, vendor, cpe, examples, more]: FingerprintRow): Fingerprint {
  return {
    match: new RegExp(
      `^${literal(name)}(?!-?[A-Za-z])(?:[ /_,:-]{0,3}\\(?(?:version |ver\\.? ?|v|r)?\\.?(?<version>\\d[^\\s;,()/]*))?`,
      'i',
    ),
    product,
    ...(vendor === null ? {} : { vendor }),
    ...(cpe === null ? {} : { cpe }),
    ...more,
    examples,
  }
}
