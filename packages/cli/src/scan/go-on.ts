/** The command that goes on with a scan: the state file knows what is scanned and how far, not how fast nor where to. */
import { quoted } from '../completion/completed.ts'
import { removeState } from './state-file.ts'

/** Nothing is left to go on with after a complete scan; of another one, how to. */
export async function leaveState(stateFile: string, complete: boolean): Promise<string | null> {
  if (!complete) return `go on with: ${goOn(process.argv.slice(2), stateFile)}`
  await removeState(stateFile)
  return null
}

/** Needs no quotes in any shell. */
const PLAIN = /^[\w@%+=:,./-]+$/

/** `typed`: what the scan was begun with. Targets that came through a pipe come from the state file alone. */
export function goOn(typed: readonly string[], stateFile: string): string {
  const piped = typed.some((word) => word === '-' || word === '-iL-' || word === '-i-')
  const words = piped || typed.length === 0 ? ['scan', '--resume', stateFile] : typed
  return ['portolan', ...words].map((word) => (PLAIN.test(word) ? word : quoted(word))).join(' ')
}
