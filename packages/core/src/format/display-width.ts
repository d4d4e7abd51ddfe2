/**
 * Columns a terminal uses for text (UAX #11): East Asian wide characters and emoji take two, marks that are drawn over the
 * character before them none, the codes that colour it none either. Where terminals disagree, the wider answer: a line
 * that is too short does no harm.
 */
const WIDE =
  /[\u1100-\u115f\u231a\u231b\u2329\u232a\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe10-\ufe19\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation}|[\u{16fe0}-\u{18d08}\u{1aff0}-\u{1b2fb}\u{1f200}-\u{1f320}\u{20000}-\u{3fffd}]/u
const NONE = /[\p{Mn}\p{Me}\u200d]/u
const COLOUR = /\x1b\[\d*m/g

export function displayWidth(text: string): number {
  if (/^[\x20-\x7e]*$/.test(text)) return text.length
  let width = 0
  for (const character of text.replace(COLOUR, '')) width += widthOf(character)
  return width
}

const widthOf = (character: string) => (NONE.test(character) ? 0 : WIDE.test(character) ? 2 : 1)

/** Cuts text to `width` columns, with an ellipsis when something is cut off. */
export function fitText(text: string, width: number): string {
  if (displayWidth(text) <= width) return text
  return `${start(text, width - 1).trimEnd()}…`
}

/** As many characters as `width` columns hold. */
function start(text: string, width: number): string {
  let kept = ''
  let used = 0
  for (const character of text) {
    used += widthOf(character)
    if (used > width) break
    kept += character
  }
  return kept
}

/** Lines of at most `width` columns, broken at blanks, and inside words that are longer than a line. No text, no line. */
export function wrapText(text: string, width: number): readonly string[] {
  const lines: string[] = []
  let line = ''
  // Blanks in front of the first word stay.
  for (const word of text.split(/(?<=\S) /)) {
    const longer = line === '' ? word : `${line} ${word}`
    if (displayWidth(longer) <= width) {
      line = longer
      continue
    }
    if (line !== '') lines.push(line)
    line = word
    while (displayWidth(line) > width) {
      const part = start(line, width) || [...line][0]!
      lines.push(part)
      line = line.slice(part.length)
    }
  }
  return line === '' ? lines : [...lines, line]
}
