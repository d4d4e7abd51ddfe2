/** How the help looks: names and one line each, wrapped to the terminal, read in one glance. */
import type { Argument, Command, HelpConfiguration, Option } from 'commander'
import type { CommandSpec } from './command-spec.ts'
import { readCliEnv } from './env.ts'
import { EXIT_MEANINGS } from './exit.ts'
import { FILES } from './surroundings.ts'
import { wrapped } from './wrapped.ts'

const [CONFIG = ''] = Object.keys(FILES)
/** Longer lines are not read. */
const WIDEST = 100
/** Examples in the help of the whole: one line each, for the commands people begin with. */
const SHOWN = ['scan', 'check', 'explain', 'listeners', 'diff', 'doctor']

export const helpWidth = (): number =>
  Math.min((process.stdout.isTTY ? process.stdout.columns : readCliEnv().columns) || 80, WIDEST)

export const HELP: HelpConfiguration = {
  minWidthToWrap: 10,
  subcommandTerm: (command: Command) => command.name(),
  argumentDescription: (argument: Argument) => argument.description,
  optionDescription({ description, argChoices, envVar }: Option): string {
    const more = [argChoices?.join(', '), envVar && `env ${envVar}`].filter(Boolean)
    return more.length === 0 ? description : `${description} (${more.join('; ')})`
  },
}

export function examplesText({ examples = [] }: CommandSpec): string {
  const lines = examples.flatMap(({ command, note }) => [`  # ${note}`, `  ${command}`, ''])
  return `\nExamples:\n${lines.join('\n').trimEnd()}`
}

export function footer(commands: readonly CommandSpec[]): string {
  const first = SHOWN.flatMap((name) => commands.find((spec) => spec.name === name)?.examples?.slice(0, 1) ?? [])
  const width = Math.max(...first.map(({ command }) => command.length))
  const beside = first.map(({ command, note }) => `  ${command.padEnd(width)}  # ${note}`)
  // On a narrow terminal above each other, as in the help of one command.
  const lines = beside.every((line) => line.length <= helpWidth())
    ? beside
    : first.flatMap(({ command, note }) => [`  # ${note}`, `  ${command}`])
  return (
    `\nExamples:\n${lines.join('\n')}\n\nMore about each, with examples: portolan help COMMAND\n` +
    `${wrapped(`Defaults for options: ${CONFIG}, such as {"scan": {"rate": 1000}}`, helpWidth(), 12)}\n` +
    wrapped(`Exit codes: ${EXIT_MEANINGS.map(([code, meaning]) => `${code} ${meaning}`).join(', ')}`, helpWidth(), 12)
  )
}
