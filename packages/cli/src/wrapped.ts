import { displayWidth } from '@portolan/core/format/display-width.ts'

/** Breaks a line at blanks to fit `width` columns; what follows is indented. Words stay whole: commands are copied. */
export function wrapped(text: string, width: number, indent: number): string {
  const lines: string[] = []
  let line = ''
  // The blanks in front of the first word stay.
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== '' && displayWidth(line) + 1 + displayWidth(word) > width) {
      lines.push(line)
      line = ' '.repeat(indent) + word
    } else line += line === '' ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}
