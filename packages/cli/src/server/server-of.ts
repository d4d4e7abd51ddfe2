import type { Options } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { textOption } from '../read-options.ts'
import { readServerEnv } from './env.ts'
import { type Login, readLogin } from './login-file.ts'
import { serverUrl } from './server-url.ts'

/** The service `--server` names, with its key; `login` is the one of `portolan login`. Null: this machine does it. */
export async function serverOf(options: Options): Promise<Login | null> {
  const named = textOption(options, 'server')
  if (named === undefined) return null
  const { key, loginFile } = readServerEnv()
  const kept = await readLogin(loginFile)
  if (named === 'login') {
    if (kept === null) throw new UsageError('nobody has logged in: portolan login URL')
    return kept
  }
  const server = serverUrl(named)
  if (key !== null) return { server, key }
  // A key is for the service it was given for.
  if (kept?.server === server) return kept
  throw new UsageError(`there is no key for ${server}: portolan login ${server}, or set PORTOLAN_KEY`)
}
