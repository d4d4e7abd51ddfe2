/**
 * Defaults for options, kept in a file: `{ "scan": { "rate": 1000, "exclude": ["10.0.0.1"], "no-services": true } }`, by
 * command and long option. What is typed, and what the environment says, goes before.
 */
import { readFileSync } from 'node:fs'
import type { Command, Option } from 'commander'
import { readCliEnv } from './env.ts'
import { UsageError } from './exit.ts'
import { fileTrouble, isAbsent } from './file-trouble.ts'

/** Sets what the file says for options of `command` that have no value yet. */
export function applyConfigFile(command: Command, file = readCliEnv().configFile): void {
  const section = sectionOf(file, command.name())
  for (const [key, value] of Object.entries(section)) {
    if (value === LOOSE)
      throw new UsageError(`${file}: ${key} belongs to a command, such as { "${command.name()}": { "${key}": ... } }`)
    const option = command.options.find(({ long }) => long === `--${key}`)
    if (option === undefined) throw new UsageError(`${file}: ${command.name()} has no option --${key}`)
    const name = option.attributeName()
    // What commander assumes of --no-... options is nobody's wish.
    const source = command.getOptionValueSource(name)
    if ((source !== undefined && source !== 'default') || value === false) continue
    const given = optionValue(value, option.negate)
    command.setOptionValueWithSource(name, repeatable(option) ? [given].flat() : given, 'config')
  }
}

/** Stands for the value of an option that is under no command. */
const LOOSE = Symbol('loose')

/** Those that gather their values in a list have something to read one more with. */
const repeatable = ({ parseArg, argChoices }: Option) => parseArg !== undefined && argChoices === undefined

function optionValue(value: unknown, negate: boolean): unknown {
  if (value === true) return !negate
  return typeof value === 'number' ? String(value) : value
}

function sectionOf(file: string, name: string): object {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if (isAbsent(error)) return {}
    throw new UsageError(`${file} cannot be read: ${fileTrouble(error)}`)
  }
  try {
    const config: unknown = JSON.parse(text)
    const loose = Object.entries(Object(config)).find(([, value]) => typeof value !== 'object')
    if (loose) return { [loose[0]]: LOOSE }
    const section = Object.entries(Object(config)).find(([key]) => key === name)?.[1] ?? {}
    if (typeof section === 'object' && !Array.isArray(section)) return section
  } catch {}
  throw new UsageError(`${file} is not a JSON object of commands and their options`)
}
