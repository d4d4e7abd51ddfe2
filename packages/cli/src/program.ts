import { Command, CommanderError, Option } from 'commander'
import type { CommandSpec } from './command-spec.ts'
import { COMMANDS } from './commands.ts'
import { applyConfigFile } from './config-file.ts'
import { readCliEnv } from './env.ts'
import { EXIT } from './exit.ts'
import { version } from './version.ts'

export interface Program {
  readonly commander: Command
  /** Resolves with the exit code. */
  run(args: readonly string[]): Promise<number>
}

/** Commander only reads and describes; what a command does is loaded when it is run. */
export function createProgram(commands: readonly CommandSpec[] = COMMANDS): Program {
  let code: number = EXIT.done
  const commander = new Command('portolan')
    .description('Scan ports, name what answers, and watch what is exposed.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .addHelpText('after', footer(commands))
  for (const spec of commands) commander.addCommand(commandOf(spec, (result) => (code = result)))
  for (const command of [commander, ...commander.commands])
    command.exitOverride().configureOutput({
      getOutHelpWidth: () => (process.stdout.isTTY ? process.stdout.columns : readCliEnv().columns) ?? 80,
      outputError: (text, write) => write(text.replace(/^error: /, 'portolan: ')),
    })
  return {
    commander,
    async run(args) {
      try {
        await commander.parseAsync(rewritten(args, commands), { from: 'user' })
        return code
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error
        return error.exitCode === 0 ? EXIT.done : EXIT.usage
      }
    },
  }
}

function rewritten(args: readonly string[], commands: readonly CommandSpec[]): string[] {
  const [name, ...rest] = args
  const rewrite = commands.find((spec) => spec.name === name)?.rewrite
  return name !== undefined && rewrite ? [name, ...rewrite(rest)] : [...args]
}

function commandOf(spec: CommandSpec, done: (code: number) => void): Command {
  const command = new Command(spec.name).summary(spec.summary).description(spec.description ?? spec.summary)
  if (spec.arguments) command.arguments(spec.arguments)
  for (const { flags, description, group, choices, repeatable, env } of spec.options ?? []) {
    const option = new Option(flags, description)
    if (choices) option.choices([...choices])
    if (group) option.helpGroup(group)
    if (env) option.env(env)
    if (repeatable) option.argParser((value: string, before: readonly string[] = []) => [...before, value])
    command.addOption(option)
  }
  if (spec.examples) command.addHelpText('after', examplesText(spec))
  return command.action(async () => {
    applyConfigFile(command)
    done(await spec.run(command.args, command.opts()))
  })
}

function examplesText({ examples = [] }: CommandSpec): string {
  const lines = examples.flatMap(({ command, note }) => [`  # ${note}`, `  ${command}`, ''])
  return `\nExamples:\n${lines.join('\n').trimEnd()}`
}

function footer(commands: readonly CommandSpec[]): string {
  const first = commands.flatMap((spec) => spec.examples?.slice(0, 1) ?? [])
  const lines = first.map(({ command, note }) => `  ${command.padEnd(44)} ${note}`)
  return (
    `\nExamples:\n${lines.join('\n')}\n\nEach command has more: portolan COMMAND --help\n` +
    'Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the exposure policy is violated, 130 interrupted'
  )
}
