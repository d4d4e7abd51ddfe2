import { Command, CommanderError, Option } from 'commander'
import type { CommandSpec } from './command-spec.ts'
import { COMMANDS } from './commands.ts'
import { complaint } from './complaint.ts'
import { applyConfigFile, withSource } from './config-file.ts'
import { EXIT, UsageError } from './exit.ts'
import { examplesText, footer, HELP, helpWidth } from './help.ts'
import { version } from './version.ts'

export interface Program {
  /** Resolves with the exit code. */
  run(args: readonly string[]): Promise<number>
}

/** Commander only reads and describes; what a command does is loaded when it is run. */
export function createProgram(commands: readonly CommandSpec[] = COMMANDS): Program {
  let code: number = EXIT.done
  const commander = new Command('portolan')
    .description('Scan ports, name what answers, and watch what is exposed.')
    .usage('COMMAND [options]')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand(false)
    .addHelpText('after', () => footer(commands))
  speak(commander, null)
  return {
    async run(args) {
      const words = rewritten(spelled(args, commands), commands)
      // Describing all of them takes longer than what many of them do.
      const named = commands.filter(({ name }) => name === words[0])
      for (const spec of named.length > 0 ? named : commands)
        commander.addCommand(commandOf(spec, (result) => (code = result)))
      try {
        await commander.parseAsync(words, { from: 'user' })
        return code
      } catch (error) {
        if (!(error instanceof CommanderError)) throw error
        return EXIT.done
      }
    },
  }
}

/** Commander's complaints become ours; that it is done with help or version remains its own. */
function speak(command: Command, spec: CommandSpec | null): void {
  command
    .configureHelp(HELP)
    .configureOutput({ getOutHelpWidth: helpWidth, outputError: () => {} })
    .exitOverride((error) => {
      throw error.exitCode === 0 ? error : complaint(error, command, spec)
    })
}

/** `help scan`, `version` and nothing at all ask for what options say, too. */
function spelled(args: readonly string[], commands: readonly CommandSpec[]): readonly string[] {
  const [name, topic] = args
  if (name === undefined || (name === 'help' && topic === undefined)) return ['--help']
  if (name === 'version' || (name === '-v' && args.length === 1)) return ['--version']
  if (name !== 'help' || topic === undefined) return args
  return commands.some((spec) => spec.name === topic) ? [topic, '--help'] : [topic]
}

function rewritten(args: readonly string[], commands: readonly CommandSpec[]): string[] {
  const [name, ...rest] = args
  const spec = commands.find((one) => one.name === name)
  if (name === undefined || spec === undefined) return [...args]
  const words = spec.rewrite ? spec.rewrite(rest) : rest
  const asJson = spec.options?.some(({ flags, choices }) => /^--format /.test(flags) && choices?.includes('json'))
  // gh's habit, and everybody's.
  return [name, ...(asJson ? words.flatMap((word) => (word === '--json' ? ['--format', 'json'] : [word])) : words)]
}

/** `done` gets its exit code. */
export function commandOf(spec: CommandSpec, done: (code: number) => void): Command {
  const command = new Command(spec.name).summary(spec.summary).description(spec.description ?? spec.summary)
  speak(command.helpOption('-h, --help', 'show help'), spec)
  if (spec.group) command.helpGroup(spec.group)
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
    if (!spec.unconfigured) applyConfigFile(command)
    try {
      done(await spec.run(command.args, command.opts()))
    } catch (error) {
      throw error instanceof UsageError ? withSource(error, command) : error
    }
  })
}
