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

/** In the order of the help. */
export const COMMANDS: readonly CommandSpec[] = [
  SCAN,
  CHECK,
  EXPLAIN,
  LISTENERS,
  IDENTIFY,
  DIFF,
  DOCTOR,
  UP,
  API,
  WORKER,
  MIGRATE,
  LOGIN,
  ...SERVICE_COMMANDS,
  COMPLETION,
  MAN,
]
