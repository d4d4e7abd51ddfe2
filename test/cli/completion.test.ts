import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { completionScript } from '@portolan/cli/src/completion.ts'
import { afterAll, expect, test } from 'vitest'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-completion-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

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
  if (!existsSync(`/bin/${shell}`)) return
  const file = path.join(folder, `portolan.${shell}`)
  writeFileSync(file, script)
  expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' }).stderr).toBe('')
})

test.runIf(existsSync('/bin/fish'))('fish completes commands, options and choices', () => {
  const file = path.join(folder, 'portolan.fish')
  writeFileSync(file, completionScript('fish', COMMANDS))
  const offered = (line: string) =>
    spawnSync('fish', ['--no-config', '-c', `source ${file}; complete -C '${line}'`], { encoding: 'utf8' })
      .stdout.trim()
      .split('\n')
      .map((word) => word.split('\t')[0])
  expect(offered('portolan sca')).toEqual(['scan'])
  expect(offered('portolan scan --per')).toEqual(['--per-host-rate'])
  expect(offered('portolan scan --engine ')).toEqual(['auto', 'connect', 'syn'])
})

test('another shell is named as unknown', () =>
  expect(() => completionScript('tcsh', COMMANDS)).toThrow('bash, zsh and fish'))
