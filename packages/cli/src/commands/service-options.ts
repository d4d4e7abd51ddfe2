/** Options of the commands that ask a service. */
import type { OptionSpec } from '../command-spec.ts'

export const SERVICE: readonly OptionSpec[] = [
  {
    flags: '--server <url>',
    description: 'the service; unless named the one of portolan login',
    env: 'PORTOLAN_SERVER',
  },
  { flags: '--format <name>', description: 'what to print', choices: ['table', 'json', 'ndjson'] },
  { flags: '--plain', description: 'no colour' },
]
export const LIMIT: OptionSpec = { flags: '--limit <n>', description: 'as many at most (default: 100)' }
