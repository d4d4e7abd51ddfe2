/**
 * CPE 2.3 formatted strings (NIST IR 7695, section 6.2): `cpe:2.3:part:vendor:product:version:update:...`, eleven
 * attributes, `*` for "any" and `-` for "not applicable".
 */

import { release } from './release.ts'

/** `a` application, `o` operating system, `h` hardware. */
export type CpePart = 'a' | 'o' | 'h'

/**
 * Attribute values hold lower-case letters, digits, `_`, `.`, `-`, and everything else that is printable behind a
 * backslash (section 6.2.2.1). A hyphen alone would say "not applicable" and cannot be escaped, so it says nothing.
 */
function bind(value: string | null | undefined): string {
  const bound = [...(value ?? '').trim().toLowerCase().replace(/\s+/g, '_')]
    .map((c) => (/[a-z0-9_.-]/.test(c) ? c : /[!-~]/.test(c) ? `\\${c}` : ''))
    .join('')
  return bound === '' || bound === '-' ? '*' : bound
}

/**
 * The name of a product, for example `cpe('a', 'openbsd', 'openssh', '9.2p1')`. Unknown attributes become `*`. Without
 * an update the version is divided as release.ts says.
 */
export function cpe(part: CpePart, vendor: string, ...rest: readonly (string | null | undefined)[]): string {
  const [product, version, update] = rest
  const known = version && !update ? release(`${vendor}:${product}`, version) : { version, update }
  return `cpe:2.3:${part}:${bind(vendor)}:${bind(product)}:${bind(known.version)}:${bind(known.update)}:*:*:*:*:*:*`
}

/** The first of these names with its version filled in, when it has none and one is known by now. */
export function versioned(names: readonly string[], version: string | null | undefined): readonly string[] {
  const [first, ...others] = names
  const parts = /^cpe:2\.3:[ah]:((?:\\.|[^:\\])+:(?:\\.|[^:\\])+):\*:\*:/.exec(first ?? '')
  if (first === undefined || parts?.[1] === undefined || !version) return names
  const known = release(parts[1], version)
  return [first.replace(':*:*:', `:${bind(known.version)}:${bind(known.update)}:`), ...others]
}
