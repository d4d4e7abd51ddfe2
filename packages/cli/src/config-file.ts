/**
 * Defaults for options, kept in a file: `{ "scan": { "rate": 1000, "exclude": ["10.0.0.1"], "no-services": true } }`, by
 * command and long option. What is typed, and what the environment says, goes before.
 */
import { readFileSync } from 'node:fs'
import type { Command, Option } from 'commander'
import { readCliEnv } from './env.ts'
import { UsageError } from './exit.ts'
import { fileTrouble, isAbsent } from './file-trouble.ts'
import { suggestion } from './suggestion.ts'

/** Sets what the file says for options of `command` that have no value yet. */
export function applyConfigFile(command: Command, file = readCliEnv().configFile): void {
  const section = sectionOf(file, command.name())
  for (const [key, value] of Object.entries(section)) {
    if (value === LOOSE)
      throw new UsageError(`${file}: ${key} belongs to a command, such as { "${command.name()}": { "${key}": ... } }`)
    const option = command.options.find(({ long }) => long === `--${key}`)
    if (option === undefined)
      throw new UsageError(`${file}: ${command.name()} has no option --${key}${suggestion(key, namesOf(command))}`)
    const name = option.attributeName()
    // What commander assumes of --no-... options is nobody's wish.
    const source = command.getOptionValueSource(name)
    if ((source !== undefined && source !== 'default') || value === false) continue
    const given = optionValue(value, option.negate)
    command.setOptionValueWithSource(name, repeatable(option) ? [given].flat() : given, 'config')
  }
}

const namesOf = ({ options }: Command) => options.flatMap(({ long }) => long?.slice(2) ?? [])

/** A complaint that begins with an option nobody typed says where it comes from. */
export function withSource(error: UsageError, command: Command, file = readCliEnv().configFile): UsageError {
  const [long] = /^--[a-z-]+/.exec(error.message) ?? []
  const option = command.options.find((one) => one.long === long)
  const source = option && command.getOptionValueSource(option.attributeName())
  const place = source === 'config' ? file : source === 'env' ? option?.envVar : undefined
  return place === undefined ? error : new UsageError(`${error.message}; that is what ${place} says`, { cause: error })
}

/** Stands for the value of an option that is under no command. */
const LOOSE = Symbol('loose')

/** Those that gather their values in a list have something to read one more with. */
const repeatable = ({ parseArg, argChoices }: Option) => parseArg !== undefined && argChoices === undefined

function optionValue(value: unknown, negate: boolean): unknown {
  if (value === true) return !negate
  return typeof value === 'number' ? String(value) : value
}

/** What the user does about a file that no command can be run with. */
const CURE = 'correct it or move it away; PORTOLAN_CONFIG may name another file'

function sectionOf(file: string, name: string): object {
  const config = readConfig(file)
  const loose = config.find(([, value]) => typeof value !== 'object')
  if (loose) return { [loose[0]]: LOOSE }
  const section = config.find(([key]) => key === name)?.[1] ?? {}
  if (typeof section === 'object' && !Array.isArray(section)) return section
  throw new UsageError(`${file}: ${name} is not an object of options, such as { "rate": 1000 }: ${CURE}`)
}

/** The commands it speaks of, none when there is no file. */
export function readConfig(file: string): [command: string, section: unknown][] {
  let config: unknown
  try {
    config = JSON.parse(readFileSync(file, 'utf8').replace(/^\ufeff/, ''))
  } catch (error) {
    if (isAbsent(error)) return []
    const why = error instanceof SyntaxError ? `is not JSON: ${error.message}` : `cannot be read: ${fileTrouble(error)}`
    throw new UsageError(`${file} ${why}. ${CURE[0]?.toUpperCase()}${CURE.slice(1)}`)
  }
  if (typeof config === 'object' && config !== null && !Array.isArray(config)) return Object.entries(config)
  throw new UsageError(`${file} is not a JSON object of commands and their options: ${CURE}`)
}
