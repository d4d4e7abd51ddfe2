/** URL and key of the service, in a file that only its owner may read: `{ "server": "...", "key": "..." }`. */
import { randomUUID } from 'node:crypto'
import { chmod, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import path from 'node:path'
import { UsageError } from '../exit.ts'
import { fileTrouble, isAbsent } from '../file-trouble.ts'

export type Login = { readonly server: string; readonly key: string }

/** Null when nobody has logged in. Throws UsageError when others may read it, or it is not what was written. */
export async function readLogin(file: string): Promise<Login | null> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
    const { mode } = await stat(file)
    if (process.platform !== 'win32' && (mode & 0o077) !== 0)
      throw new UsageError(`others may read ${file}, which holds a key: chmod 600 ${file}, and think of another key`)
  } catch (error) {
    if (isAbsent(error)) return null
    if (error instanceof UsageError) throw error
    throw new UsageError(`${file} cannot be read: ${fileTrouble(error)}`)
  }
  try {
    const login: unknown = JSON.parse(text)
    if (typeof login === 'object' && login !== null && 'server' in login && 'key' in login) {
      const { server, key } = login
      if (typeof server === 'string' && typeof key === 'string') return { server, key }
    }
  } catch {}
  throw new UsageError(`${file} does not hold a login: portolan login URL writes it anew`)
}

/** Whole or not at all; never readable by others, not even while it is written. */
export async function writeLogin(file: string, login: Login): Promise<void> {
  const draft = `${file}.${randomUUID()}`
  try {
    await mkdir(path.dirname(file), { recursive: true, mode: 0o700 })
    await writeFile(draft, `${JSON.stringify(login, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
    await chmod(draft, 0o600)
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true }).catch(() => {})
    const instead = 'PORTOLAN_SERVER and PORTOLAN_KEY in the environment do instead'
    throw new Error(`${file} cannot be written: ${fileTrouble(error)}; ${instead}`, { cause: error })
  }
}
