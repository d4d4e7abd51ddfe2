/** Where the service is, by the environment. */
import path from 'node:path'
import { readCliEnv } from '../env.ts'

export type ServerEnv = {
  readonly server: string | null
  readonly key: string | null
  /** Beside the configuration, yet not in it: people share their configuration. */
  readonly loginFile: string
}

export function readServerEnv(env: NodeJS.ProcessEnv = process.env): ServerEnv {
  const loginFile = path.join(path.dirname(readCliEnv(env).configFile), 'login.json')
  return { server: env.PORTOLAN_SERVER || null, key: env.PORTOLAN_KEY || null, loginFile }
}
