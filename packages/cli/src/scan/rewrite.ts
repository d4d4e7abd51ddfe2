/** How an option of another tool is taken: as options of ours, or with a word about what to write instead. */
import { UsageError } from '../exit.ts'

/** Gets the value, empty where the option has none, and the option as it was typed. */
export type Rewrite = (value: string, option: string) => readonly string[]

/** It asks for what Portolan does anyway. */
export const drop: Rewrite = () => []

export const becomes =
  (...args: readonly string[]): Rewrite =>
  () =>
    args

export const refuse =
  (why: string): Rewrite =>
  (_, option) => {
    throw new UsageError(`${option}: ${why}`)
  }
