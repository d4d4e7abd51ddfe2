/** What was typed wrong, and what to type instead. */
import { nearest } from '@portolan/core/registry/nearest.ts'
import type { Command, CommanderError } from 'commander'
import type { CommandSpec } from './command-spec.ts'
import { UsageError } from './exit.ts'

/** `spec` is the command that was typed; none when the trouble came before one. */
export function complaint(error: CommanderError, command: Command, spec: CommandSpec | null): UsageError {
  const [said = ''] = error.message.replace(/^error: /, '').split('\n')
  return new UsageError(`${said}${adviceOn(error, command, spec)}`)
}

function adviceOn({ code, message }: CommanderError, command: Command, spec: CommandSpec | null): string {
  const [, typed = ''] = /'([^']*)'[^']*$/.exec(message.split('\n')[0] ?? '') ?? []
  const help = `portolan ${spec ? `${spec.name} ` : ''}--help`
  if (code === 'commander.unknownCommand') return adviceOnCommand(typed, command)
  if (code === 'commander.unknownOption') {
    if (spec === null) return adviceOnLooseOption(typed, command)
    const known = command.options.flatMap(({ long, short }) => [long, short]).filter((name) => name != null)
    return `; ${didYouMean(nearestOption(typed, known), `${help} lists what there is`)}`
  }
  if (code === 'commander.invalidArgument') {
    const [, given = '', allowed = ''] =
      /(?:argument|value) '([^']*)'(?: from env '[^']*')? is invalid\. Allowed choices are (.*)\./.exec(message) ?? []
    const meant = nearest(given, allowed.split(', '))
    return meant === null ? '' : ` Did you mean ${meant}?`
  }
  if (spec === null) return ''
  const [example] = spec.examples ?? []
  return `\n  usage: portolan ${spec.name} ${command.usage()}${example ? `\n  such as: ${example.command}` : ''}`
}

/** Dashes are no part of the word. */
function nearestOption(typed: string, known: readonly string[]): string | null {
  const name = nearest(bare(typed), known.map(bare))
  return known.find((option) => bare(option) === name) ?? null
}

const bare = (option: string) => option.replace(/^-+/, '')

const didYouMean = (meant: string | null, otherwise: string) => (meant === null ? otherwise : `did you mean ${meant}?`)

/** What other tools call it. */
const ELSEWHERE: Readonly<Record<string, string>> = {
  ...Object.fromEntries(['ss', 'netstat', 'lsof', 'ls', 'ps', 'ports', 'local'].map((name) => [name, 'listeners'])),
  ...Object.fromEntries(['nmap', 'naabu', 'masscan', 'zmap', 'rustscan', 'discover'].map((name) => [name, 'scan'])),
  ...Object.fromEntries(['nc', 'telnet', 'ping', 'test', 'probe', 'curl'].map((name) => [name, 'check'])),
  ...Object.fromEntries(['info', 'describe', 'whatis', 'lookup', 'port'].map((name) => [name, 'explain'])),
  ...Object.fromEntries(['serve', 'server', 'start', 'run', 'daemon'].map((name) => [name, 'up'])),
  ...Object.fromEntries(['status', 'health'].map((name) => [name, 'doctor'])),
  compare: 'diff',
  query: 'search',
  find: 'search',
  auth: 'login',
  alerts: 'findings',
}

function adviceOnCommand(typed: string, command: Command): string {
  const names = command.commands.map((one) => one.name())
  const here = ELSEWHERE[typed]
  if (here !== undefined) return `; that is portolan ${here}`
  if (/[.:]/.test(typed)) return `; to scan it: portolan scan ${typed}`
  return `; ${didYouMean(nearest(typed, names), 'portolan --help lists them')}`
}

/** An option in front of any command is one of our own, or a habit from scanners that have no commands. */
function adviceOnLooseOption(typed: string, command: Command): string {
  const own = command.options.flatMap(({ long }) => (long ? [long] : []))
  const meant = typed.startsWith('--') ? nearestOption(typed, [...own, '--help']) : null
  return meant === null
    ? '; options come after a command, such as portolan scan 127.0.0.1 -p 22'
    : `; did you mean ${meant}?`
}
