/** Runs the real command as a user does: the launcher, from any folder. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'

export const LAUNCHER = fileURLToPath(new URL('../../packages/cli/bin/portolan.js', import.meta.url))

export type Ran = { readonly code: number | null; readonly stdout: string; readonly stderr: string }

export type RunOptions = {
  readonly input?: string
  readonly cwd?: string
  readonly env?: NodeJS.ProcessEnv
  /** Called once it runs; for signals. */
  readonly onStart?: (child: ChildProcess) => unknown
}

export async function runPortolan(
  args: readonly string[],
  { input = '', cwd, env, onStart }: RunOptions = {},
): Promise<Ran> {
  const child = spawn(LAUNCHER, args, { cwd, env: { ...process.env, NO_COLOR: '', FORCE_COLOR: '', ...env } })
  child.stdin.on('error', () => {})
  child.stdin.end(input)
  const output = Promise.all([text(child.stdout), text(child.stderr)])
  await onStart?.(child)
  const [code] = await once(child, 'close')
  const [stdout, stderr] = await output
  return { code, stdout, stderr }
}
