/** Turns this process into one part of a service. */
import { fileURLToPath } from 'node:url'
import type { Options } from '../command-spec.ts'
import { textOption } from '../read-options.ts'
import { childEnv } from '../up/env.ts'
import { databaseUrl } from './database-url.ts'
import { NODE_FLAGS } from './node-flags.ts'

/** Options by the environment variable that the part reads. */
const VARIABLES = {
  QUEUE_URL: 'queue',
  HOST: 'host',
  PORT: 'port',
  PORTOLAN_VANTAGE: 'vantage',
  PORTOLAN_CONCURRENCY: 'concurrency',
} as const

/**
 * Same pid, terminal and signals, nothing of the command left in memory, and the flags that Node takes at its start only.
 * Does not return.
 */
export async function becomeProcess(name: 'api' | 'worker', options: Options): Promise<number> {
  const set: Record<string, string> = { DATABASE_URL: databaseUrl(options) }
  for (const [variable, option] of Object.entries(VARIABLES)) {
    const value = textOption(options, option)
    if (value) set[variable] = value
  }
  const program = fileURLToPath(import.meta.resolve(`@portolan/${name}/main.ts`))
  const { execve, execPath } = process
  if (execve === undefined) throw new Error('this system cannot replace a process; start services/api by npm')
  return execve(execPath, [execPath, ...NODE_FLAGS, program], childEnv(set))
}
