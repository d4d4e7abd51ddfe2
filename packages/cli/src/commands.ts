import type { CommandSpec } from './command-spec.ts'
import { CHECK } from './commands/check.ts'
import { COMPLETION } from './commands/completion.ts'
import { DIFF } from './commands/diff.ts'
import { DOCTOR } from './commands/doctor.ts'
import { EXPLAIN } from './commands/explain.ts'
import { IDENTIFY } from './commands/identify.ts'
import { LISTENERS } from './commands/listeners.ts'
import { LOGIN } from './commands/login.ts'
import { MAN } from './commands/man.ts'
import { API, MIGRATE, WORKER } from './commands/processes.ts'
import { SCAN } from './commands/scan.ts'
import { SERVICE_COMMANDS } from './commands/service-commands.ts'
import { UP } from './commands/up.ts'

const under = (group: string, ...specs: readonly CommandSpec[]) => specs.map((spec) => ({ ...spec, group }))

/** In the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  ...under('From this machine:', SCAN, CHECK, EXPLAIN, LISTENERS, IDENTIFY, DIFF, DOCTOR),
  ...under('Run a service:', UP, API, WORKER, MIGRATE),
  ...under('Ask a service:', LOGIN, ...SERVICE_COMMANDS),
  ...under('About the command:', COMPLETION, MAN),
]
