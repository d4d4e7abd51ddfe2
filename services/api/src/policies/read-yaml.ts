import { isScalar, LineCounter, parseDocument, visit } from 'yaml'

/** A document may repeat parts by alias, but not until it no longer fits into memory. */
const MOST_ALIASES = 100
/** Characters: some thousand rules. The parser takes a second for so many, whoever wrote them. */
const LONGEST = 262_144
/** The parser goes down by recursion, and takes seconds to notice that it cannot. */
const DEEPEST = 100
const DEEP_LINE = new RegExp(`^(?:[ \\t]*[-?:](?=[ \\t])){${DEEPEST}}`, 'm')

/**
 * A YAML document as plain values. Throws an Error that says what is wrong, and where. The time it takes grows with the
 * length of the text and no faster: the library's own look for keys given twice compares each key with every other, and
 * its own errors copy the whole line each time.
 */
export function readYaml(text: string): unknown {
  if (text.length > LONGEST) throw new Error(`it has more than ${LONGEST} characters; send the document as JSON`)
  if (isTooDeep(text)) throw new Error(`it is nested more than ${DEEPEST} deep`)
  const lines = new LineCounter()
  const document = parseDocument(text, {
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
    lineCounter: lines,
  })
  const placeOf = (offset: number) => {
    const { line, col } = lines.linePos(offset)
    return `at line ${line}, column ${col}`
  }
  const [flaw] = document.errors
  if (flaw) throw new Error(`${flaw.message} ${placeOf(flaw.pos[0])}`, { cause: flaw })
  visit(document, {
    Map(_, map) {
      const seen = new Set<unknown>()
      for (const { key } of map.items) {
        if (!isScalar(key)) continue
        if (seen.has(key.value))
          throw new Error(`the key ${String(key.value)} is there again ${placeOf(key.range?.[0] ?? 0)}`)
        seen.add(key.value)
      }
    },
  })
  return document.toJS({ maxAliasCount: MOST_ALIASES })
}

/** Lists and objects in brackets that are not closed, and `- - -` in one line; deeper by indentation is a longer text. */
function isTooDeep(text: string): boolean {
  let open = 0
  for (const bracket of text.matchAll(/[[\]{}]/g)) {
    open += bracket[0] === '[' || bracket[0] === '{' ? 1 : -1
    if (open > DEEPEST) return true
  }
  return DEEP_LINE.test(text)
}
