/** Option values as types, with complaints that name the option. */
import type { Options } from './command-spec.ts'
import { UsageError } from './exit.ts'
import { suggestion } from './suggestion.ts'

const flag = (name: string) => `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`

export function textOption(options: Options, name: string): string | undefined {
  const value = options[name]
  return typeof value === 'string' ? value : undefined
}

export function flagOption(options: Options, name: string): boolean {
  return options[name] === true
}

export function listOption(options: Options, name: string): readonly string[] {
  const value = options[name]
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}

/** The vantages of `--from a,b --from c`. */
export const placesOption = (options: Options): readonly string[] =>
  listOption(options, 'from').flatMap((names) => names.split(',').filter(Boolean))

export type NumberRange = {
  readonly least: number
  readonly most: number
  readonly whole?: boolean
  /** What is counted, for the complaint. */
  readonly unit?: string
}

/** A number, with `k` and `M` for thousands and millions. */
export function numberOption(options: Options, name: string, { least, most, whole = true, unit }: NumberRange) {
  const text = textOption(options, name)
  if (text === undefined) return undefined
  const [, digits, factor = ''] = /^(\d+(?:\.\d+)?)([kKmM]?)$/.exec(text) ?? []
  const value = Number(digits) * (factor === '' ? 1 : factor.toLowerCase() === 'k' ? 1000 : 1_000_000)
  if (digits !== undefined && value >= least && value <= most && (!whole || Number.isInteger(value))) return value
  throw new UsageError(
    `${flag(name)} takes ${unit ? `${unit}, ` : ''}a ${whole ? 'whole ' : ''}number from ${least} to ${most}, not ${JSON.stringify(text)}`,
  )
}

/** A number of probes per second, or `max`. */
export function rateOption(options: Options, name: string): number | 'max' | undefined {
  if (textOption(options, name) === 'max') return 'max'
  try {
    return numberOption(options, name, { least: 0.01, most: 100_000_000, whole: false })
  } catch {
    throw new UsageError(`${flag(name)} takes a number of probes per second, such as 1000 or 50k, or max`)
  }
}

export function choiceOption<T extends string>(options: Options, name: string, choices: readonly T[]): T | undefined {
  const text = textOption(options, name)
  const found = choices.find((choice) => choice === text)
  if (text === undefined || found !== undefined) return found
  const known = `is one of ${choices.join(', ')}, not ${JSON.stringify(text)}`
  throw new UsageError(`${flag(name)} ${known}${suggestion(text, choices)}`)
}
