/** The manual page, made of the same specs as the help. man(7), the macros every system has. */
import { hostname } from 'node:os'
import { ApiEnv } from '@portolan/api/env.ts'
import { WorkerEnv } from '@portolan/worker/env.ts'
import { z } from 'zod'
import type { CommandSpec, OptionSpec } from './command-spec.ts'
import { EXIT_MEANINGS } from './exit.ts'
import { FILES, VARIABLES } from './surroundings.ts'
import { UpEnv } from './up/env.ts'

/** A dot or quote at the start of a line would be a macro; a backslash begins an escape. */
const roff = (text: string) =>
  text
    .replaceAll('\\', '\\e')
    .replaceAll('-', '\\-')
    .replace(/^([.'])/gm, '\\&$1')

/** A term, and what there is to say of it. */
const item = (term: string, text: string): readonly string[] => ['.TP', `.B ${roff(term)}`, roff(text)]

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
    ...EXIT_MEANINGS.flatMap(([code, meaning]) => item(`${code}`, meaning)),
    '.SH ENVIRONMENT',
    'What is typed goes before the environment. A variable that is empty is one that is not set.',
    ...variablesOf(commands).flatMap(([name, text]) => item(name, text)),
    ...processVariables('up', UpEnv, 'What it starts hears the variables of portolan api and portolan worker, too.'),
    ...processVariables('api', ApiEnv),
    ...processVariables('worker', WorkerEnv),
    '.SH FILES',
    ...Object.entries(FILES).flatMap(([file, text]) => item(file, text)),
    '',
  ].join('\n')
}

function commandLines({ name, arguments: words = '', summary, description, options = [], examples = [] }: CommandSpec) {
  return [
    `.SS portolan ${roff(`${name} ${words}`.trimEnd())}`,
    `${roff(description ?? summary)}`,
    ...options.flatMap((option) => item(option.flags, optionText(option))),
    ...(examples.length > 0 ? ['.PP', 'Examples:'] : []),
    ...examples.flatMap(({ command, note }) => ['.PP', '.EX', roff(`# ${note}`), roff(command), '.EE']),
  ]
}

function optionText({ description, choices, env }: OptionSpec): string {
  const more = [choices?.join(', '), env && `env ${env}`].filter(Boolean)
  return more.length === 0 ? description : `${description} (${more.join('; ')})`
}

/** Those of the options, by the commands that have them, and the others. A process of a service lists its own. */
function variablesOf(commands: readonly CommandSpec[]): readonly (readonly [string, string])[] {
  const users = new Map<string, { readonly option: string; readonly names: string[] }>()
  for (const { name, options = [] } of commands)
    for (const { env, flags } of options) {
      if (env === undefined) continue
      const option = flags.split(/[ ,]+/).find((word) => word.startsWith('--')) ?? flags
      const user = users.get(env) ?? { option, names: [] }
      user.names.push(name)
      users.set(env, user)
    }
  const options = [...users].map(
    ([env, { option, names }]) => [env, `Stands for ${option} of portolan ${names.join(', ')}.`] as const,
  )
  return [...options, ...Object.entries(VARIABLES)]
}

/** Said by npm, nobody sets it. */
const NOT_LISTED = 'npm_lifecycle_event'

function processVariables(command: string, { shape }: z.ZodObject, words = ''): readonly string[] {
  const items = Object.entries(shape).flatMap(([name, field]) => {
    if (name === NOT_LISTED) return []
    const { default: preset, description = '' } = z.toJSONSchema(field, { io: 'input', unrepresentable: 'any' })
    if (preset === undefined || preset === '') return item(name, description)
    return item(name, `${description} (default: ${preset === hostname() ? 'the name of this machine' : preset})`)
  })
  return [`.SS portolan ${command}`, ...(words === '' ? [] : [words]), ...items]
}
