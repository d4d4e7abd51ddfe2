/** Breaks a line at blanks to fit `width` columns; what follows is indented. Text without codes only. */
export function wrapped(text: string, width: number, indent: number): string {
  const lines: string[] = []
  let line = ''
  // The blanks in front of the first word stay.
  for (const word of text.split(/(?<=\S) /)) {
    if (line !== '' && line.length + 1 + word.length > width) {
      lines.push(line)
      line = ' '.repeat(indent) + word
    } else line += line === '' ? word : ` ${word}`
  }
  return [...lines, line].join('\n')
}
