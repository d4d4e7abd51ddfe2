import type { CommandSpec, OptionSpec } from '../command-spec.ts'
import { argumentsOf, type Completed, optionValue, quoted, spellings } from './completed.ts'

function offer(completed: Completed | null): string {
  if (completed === null) return ''
  if (completed.kind === 'list') return `-x -a ${quoted(completed.words.join(' '))}`
  if (completed.kind === 'file') return '-r -F'
  if (completed.kind === 'folder') return "-x -a '(__fish_complete_directories)'"
  if (completed.kind === 'interface') return "-x -a '(__fish_print_interfaces)'"
  return completed.kind === 'host' ? "-x -a '(__fish_print_hostnames)'" : '-x'
}

export function fish(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  const lines = [
    ...commands.map(
      ({ name, summary }) => `complete -c portolan -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ),
    `complete -c portolan -n '__fish_seen_subcommand_from help' -f -a ${quoted(names)}`,
    `complete -c portolan -s h -l help -d 'show help'`,
    ...commands.flatMap(behind),
  ]
  return `${lines.join('\n')}\n`
}

function behind(spec: CommandSpec): readonly string[] {
  const { name, options = [], actions } = spec
  const line = (when: string, what: string) => `complete -c portolan -n ${quoted(when)} ${what}`
  const seen = `__fish_seen_subcommand_from ${name}`
  const words = Object.keys(actions ?? {}).join(' ')
  const rest = argumentsOf(spec)
  return [
    ...(actions ? [line(`${seen}; and not __fish_seen_subcommand_from ${words}`, `-f -a ${quoted(words)}`)] : []),
    ...(rest.kind === 'file' ? [] : [line(seen, rest.kind === 'host' ? "-f -a '(__fish_print_hostnames)'" : '-f')]),
    ...options.map((option) => line(seen, optionText(option))),
  ]
}

function optionText(option: OptionSpec): string {
  const flags = spellings(option).map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`))
  return [...flags, offer(optionValue(option)), `-d ${quoted(option.description)}`].filter(Boolean).join(' ')
}
