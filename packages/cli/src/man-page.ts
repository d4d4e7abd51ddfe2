/** The manual page, made of the same specs as the help. man(7), the macros every system has. */
import type { CommandSpec } from './command-spec.ts'

/** A dot or quote at the start of a line would be a macro; a backslash begins an escape. */
const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')

export function manPage(commands: readonly CommandSpec[], version: string): string {
  return [
    `.TH PORTOLAN 1 "" "portolan ${version}" "User Commands"`,
    '.SH NAME',
    'portolan \\- scan ports, name what answers, and watch what is exposed',
    '.SH SYNOPSIS',
    '.B portolan',
    '.I COMMAND',
    '[\\fIOPTION\\fR ...] [\\fIARGUMENT\\fR ...]',
    '.SH COMMANDS',
    ...commands.flatMap(commandLines),
    '.SH EXIT STATUS',
    ...[
      ['0', 'done'],
      ['1', 'failed'],
      ['2', 'wrong usage'],
      ['3', 'the exposure policy is violated'],
      ['130', 'interrupted; what was found has been written'],
    ].flatMap(([code, meaning]) => ['.TP', `.B ${code}`, meaning]),
    '',
  ].join('\n')
}

function commandLines({ name, arguments: words = '', summary, description, options = [], examples = [] }: CommandSpec) {
  return [
    `.SS portolan ${roff(name)} ${roff(words)}`,
    `${roff(description ?? summary)}`,
    ...options.flatMap(({ flags, description: what, choices }) => [
      '.TP',
      `.B ${roff(flags)}`,
      roff(choices ? `${what}: ${choices.join(', ')}` : what),
    ]),
    ...(examples.length > 0 ? ['.PP', 'Examples:'] : []),
    ...examples.flatMap(({ command, note }) => ['.PP', roff(note), '.EX', roff(command), '.EE']),
  ]
}
