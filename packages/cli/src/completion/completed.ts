/** What there is to complete: of an option its value, of a command its words. */
import type { CommandSpec, OptionSpec } from '../command-spec.ts'

/** `list`: one of these words; `any`: something that cannot be guessed. */
export type Completed =
  | { readonly kind: 'list'; readonly words: readonly string[] }
  | { readonly kind: 'file' | 'folder' | 'interface' | 'host' | 'any' }

/** `-p` and `--ports`. */
export const spellings = ({ flags }: OptionSpec): readonly string[] =>
  flags.split(/[ ,]+/).filter((word) => word.startsWith('-'))

/** Null: it takes no value. */
export function optionValue({ flags, choices, values }: OptionSpec): Completed | null {
  const [, name] = /<(\w+)>/.exec(flags) ?? []
  if (name === undefined) return null
  const words = choices ?? values
  if (words) return { kind: 'list', words }
  if (name === 'file' || name === 'folder') return { kind: name }
  return { kind: /--interface /.test(flags) ? 'interface' : 'any' }
}

/** The words behind a command and its action, if it has one. */
export function argumentsOf({ arguments: words = '', actions = {} }: CommandSpec): Completed {
  const said = `${words} ${Object.values(actions).join(' ')}`
  if (/file|before|after/i.test(said)) return { kind: 'file' }
  return { kind: /host|target|address/i.test(said) ? 'host' : 'any' }
}

export const quoted = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`
