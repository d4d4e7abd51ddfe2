/** How an option of another tool is taken: as options of ours, or with a word about what to write instead. */
import { UsageError } from '../exit.ts'

/** Gets the value, or the option itself where it has none. */
export type Rewrite = (value: string) => readonly string[]

/** It asks for what Portolan does anyway. */
export const drop: Rewrite = () => []

export const becomes =
  (...args: readonly string[]): Rewrite =>
  () =>
    args

export const refuse =
  (why: string) =>
  (option: string): never => {
    throw new UsageError(`${option}: ${why}`)
  }

export const refuseValue =
  (option: string, why: string): Rewrite =>
  () =>
    refuse(why)(option)
