/**
 * CPE 2.3 formatted strings (NIST IR 7695, section 6.2): `cpe:2.3:part:vendor:product:version:update:...`, eleven
 * attributes, `*` for "any" and `-` for "not applicable".
 */

/** `a` application, `o` operating system, `h` hardware. */
export type CpePart = 'a' | 'o' | 'h'

/** Attribute values hold lower-case letters, digits, `_`, and everything else that is printable behind a backslash. */
function bind(value: string | null | undefined): string {
  if (value === null || value === undefined || value === '') return '*'
  // A lone hyphen would mean "not applicable", so it is escaped; inside a word hyphen and dot stand for themselves.
  if (value === '-') return '\\-'
  return [...value.toLowerCase().replace(/\s+/g, '_')]
    .map((c) => (/[a-z0-9_.-]/.test(c) ? c : /[!-~]/.test(c) ? `\\${c}` : ''))
    .join('')
}

/** The name of a product, for example `cpe('a', 'openbsd', 'openssh', '9.2', 'p1')`. Unknown attributes become `*`. */
export function cpe(part: CpePart, vendor: string, ...rest: readonly (string | null | undefined)[]): string {
  const [product, version, update] = rest
  return `cpe:2.3:${part}:${bind(vendor)}:${bind(product)}:${bind(version)}:${bind(update)}:*:*:*:*:*:*`
}

/** The first of these names with its version filled in, when it has none and one is known by now. */
export function versioned(names: readonly string[], version: string | null | undefined): readonly string[] {
  const [first, ...others] = names
  const parts = /^(cpe:2\.3:[ah]:[^:]+:[^:]+):\*:\*(:.*)$/.exec(first ?? '')
  return parts && version ? [`${parts[1]}:${bind(version)}:*${parts[2]}`, ...others] : names
}
