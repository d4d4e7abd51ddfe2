/**
 * Fills the templates of a match line (nmap reference guide, "match Directive"): `$1` is a capture, `$P(1)` the same
 * without unprintable characters, `$SUBST(1,"_",".")` with one text replaced, `$I(1,">")` bytes as an unsigned number.
 */
const REFERENCE =
  /\$(?:(?<plain>\d)|P\((?<printable>\d)\)|SUBST\((?<subst>\d),"(?<from>[^"]*)","(?<to>[^"]*)"\)|I\((?<number>\d),"(?<order>[<>])"\))/g

/** Null when the template refers to a capture that took no part in the match. */
export function fillTemplate(template: string, captures: readonly (string | undefined)[]): string | null {
  let filled = ''
  let at = 0
  for (const reference of template.matchAll(REFERENCE)) {
    const { plain, printable, subst, from = '', to = '', number, order } = reference.groups ?? {}
    const text = captures[Number(plain ?? printable ?? subst ?? number)]
    if (text === undefined) return null
    filled += template.slice(at, reference.index)
    if (printable !== undefined) filled += text.replace(/[^ -~]/g, '')
    else if (subst !== undefined) filled += text.replaceAll(from, to)
    else filled += number === undefined ? text : String(integer(text, order === '<'))
    at = reference.index + reference[0].length
  }
  return filled + template.slice(at)
}

/** Up to eight bytes, little-endian or big-endian. */
function integer(text: string, little: boolean): bigint {
  const bytes = [...text.slice(0, 8)].map((c) => BigInt(c.charCodeAt(0) & 255))
  return (little ? bytes.reverse() : bytes).reduce((value, byte) => value * 256n + byte, 0n)
}
