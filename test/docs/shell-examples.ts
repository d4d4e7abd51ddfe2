/** The command lines that README.md and docs/*.md show in `sh` blocks. */
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'

export const ROOT = path.resolve(import.meta.dirname, '../..')
export const PAGES: readonly string[] = ['README.md', ...globSync('docs/*.md', { cwd: ROOT }).sort()]

export type ShellExample = { readonly page: string; readonly command: string }

export const shellExamples = (page: string): readonly ShellExample[] =>
  [...readFileSync(path.join(ROOT, page), 'utf8').matchAll(/^```(?:sh|bash|console)\n(.*?)^```$/gms)]
    .flatMap(([, block = '']) => commandsOf(block))
    .map((command) => ({ page, command }))

/** Where a command ends, bash knows: until then it misses a quote, or the line after a backslash. */
function commandsOf(block: string): readonly string[] {
  const commands: string[] = []
  let command = ''
  for (const line of block.trimEnd().split('\n')) {
    command += command === '' ? line : `\n${line}`
    if (line.endsWith('\\') || spawnSync('bash', ['-n'], { input: command }).status !== 0) continue
    commands.push(command)
    command = ''
  }
  return command === '' ? commands : [...commands, command]
}
