import type { CommandSpec } from './command-spec.ts'
import { SCAN } from './commands/scan.ts'
import { UP } from './commands/up.ts'

/** In the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [SCAN, UP]
