/**
 * Fills the templates of a match line (nmap reference guide, "match Directive"): `$1` is a capture, `$P(1)` the same
 * without unprintable characters, `$SUBST(1,"_",".")` with one text replaced, `$I(1,">")` bytes as an unsigned number.
 */
const REFERENCE = /\$(?:(\d)|P\((\d)\)|SUBST\((\d),"([^"]*)","([^"]*)"\)|I\((\d),"([<>])"\))/g

/** Null when the template refers to a capture that took no part in the match. */
export function fillTemplate(template: string, captures: readonly (string | undefined)[]): string | null {
  let missing = false
  const capture = (index: string) => {
    const text = captures[Number(index)]
    if (text === undefined) missing = true
    return text ?? ''
  }
  const filled = template.replace(REFERENCE, (_, plain, printable, subst, from, to, number, order) => {
    if (plain !== undefined) return capture(plain)
    if (printable !== undefined) return capture(printable).replace(/[^ -~]/g, '')
    if (subst !== undefined) return capture(subst).replaceAll(from, to)
    return String(integer(capture(number), order === '<'))
  })
  return missing ? null : filled
}

/** Up to eight bytes, little-endian or big-endian. */
function integer(text: string, little: boolean): bigint {
  const bytes = [...text.slice(0, 8)].map((c) => BigInt(c.charCodeAt(0) & 255))
  return (little ? bytes.reverse() : bytes).reduce((value, byte) => value * 256n + byte, 0n)
}
