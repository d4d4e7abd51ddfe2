import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { completionScript } from '@portolan/cli/src/completion.ts'
import { expect, test } from 'vitest'

const complete = (...words: string[]) => {
  const line = words.map((word) => `'${word}'`).join(' ')
  const script = `${completionScript('bash', COMMANDS)}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length - 1}; _portolan 2>/dev/null; echo "\${COMPREPLY[@]}"`
  return spawnSync('bash', ['-c', script], { encoding: 'utf8' }).stdout.trim().split(' ')
}

test('bash completes commands, options and choices', () => {
  expect(complete('portolan', 'sca')).toEqual(['scan'])
  expect(complete('portolan', 'scan', '--per')).toEqual(['--per-host-rate'])
  expect(complete('portolan', 'scan', '--engine', '')).toEqual(['auto', 'syn', 'connect'])
  expect(complete('portolan', 'check', 'host', '--for')).toEqual(['--format'])
})

test.each(['bash', 'zsh', 'fish'])('%s can read its script, and it names every command and option', (shell) => {
  const script = completionScript(shell, COMMANDS)
  for (const { name, options = [] } of COMMANDS) {
    expect(script).toContain(name)
    for (const { flags } of options) expect(script).toContain(/--([\w-]+)/.exec(flags)?.[1])
  }
  if (existsSync(`/bin/${shell}`)) expect(spawnSync(shell, ['-n'], { input: script, encoding: 'utf8' }).stderr).toBe('')
})

test('another shell is named as unknown', () =>
  expect(() => completionScript('tcsh', COMMANDS)).toThrow('bash, zsh and fish'))
