/** Completion scripts, made of the same specs as the help. They are plain lists: completing starts no process. */
import type { CommandSpec } from '../command-spec.ts'
import { UsageError } from '../exit.ts'
import { bash } from './bash.ts'
import { fish } from './fish.ts'
import { zsh } from './zsh.ts'

export function completionScript(shell: string, commands: readonly CommandSpec[]): string {
  if (shell === 'bash') return bash(commands)
  if (shell === 'zsh') return zsh(commands)
  if (shell === 'fish') return fish(commands)
  throw new UsageError(`there is completion for bash, zsh and fish, not for ${JSON.stringify(shell)}`)
}
