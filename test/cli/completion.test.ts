import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { COMMANDS } from '@portolan/cli/src/commands.ts'
import { completionScript } from '@portolan/cli/src/completion/completion-script.ts'
import { afterAll, expect, test } from 'vitest'
import { runPortolan } from '#test/support/run-portolan.ts'

const folder = mkdtempSync(path.join(tmpdir(), 'portolan-completion-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** What each shell should offer for the last word of a line; the same for all. */
const OFFERED: readonly (readonly [string, readonly string[]])[] = [
  ['portolan sca', ['scan']],
  ['portolan help sch', ['schedule']],
  ['portolan scan --per', ['--per-host-rate']],
  ['portolan scan --engine ', ['auto', 'connect', 'syn']],
  ['portolan scan --rate ', ['max']],
  ['portolan scan --interface lo', ['lo']],
  ['portolan check host --for', ['--format']],
  ['portolan findings ', ['acknowledge', 'assign', 'comment', 'list', 'resolve', 'show', 'snooze']],
  ['portolan findings re', ['resolve']],
  ['portolan findings list --severity hi', ['high']],
  ['portolan policy test pol', ['policy.yaml']],
  ['portolan import mon', ['monday.xml']],
  ['portolan scan -o mon', ['monday.xml']],
  ['portolan completion ', ['bash', 'fish', 'zsh']],
]
for (const file of ['policy.yaml', 'monday.xml']) writeFileSync(path.join(folder, file), '')

/** The script of the shell, in a file. */
function scriptOf(shell: string): string {
  const file = path.join(folder, `portolan.${shell}`)
  writeFileSync(file, completionScript(shell, COMMANDS))
  return file
}

const installed = (shell: string) => spawnSync(shell, ['-c', 'exit 0']).status === 0

/** readline asks the function; what it leaves to readline (compopt) is looked up as readline would. */
test.each(OFFERED)('bash, %j', (line, expected) => {
  const words = line.split(' ')
  const script =
    `source ${scriptOf('bash')}; compopt() { COMPREPLY=($(compgen -f -- "$current")); }\n` +
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}; _portolan; ` +
    `printf '%s\\n' "\${COMPREPLY[@]}"`
  const { stdout } = spawnSync('bash', ['-c', script], { cwd: folder, encoding: 'utf8' })
  expect(stdout.trim().split('\n').sort()).toEqual(expected)
})

test.runIf(installed('fish')).each(OFFERED)('fish, %j', (line, expected) => {
  const script = `source ${scriptOf('fish')}; complete -C '${line}'`
  const { stdout } = spawnSync('fish', ['--no-config', '-c', script], { cwd: folder, encoding: 'utf8' })
  const offered = stdout
    .trim()
    .split('\n')
    .map((word) => word.split('\t')[0])
  expect(offered).toEqual(expect.arrayContaining([...expected]))
  // Of two that begin alike fish offers both; files of the folder come from fish itself.
  expect(offered.length).toBeLessThanOrEqual(expected.length + 1)
})

/** Keys on a real terminal, where readline cuts the line into words itself: \x15 empties the line for the next. */
test.runIf(spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0)('bash, typed', () => {
  const typed = ['portolan scan --engine=s', 'portolan scan --engine=', 'portolan sca', 'portolan policy test pol']
  const start = path.join(folder, 'start.bash')
  writeFileSync(
    start,
    `PS1=; source ${scriptOf('bash')}; bind 'set show-all-if-ambiguous on'; bind 'set bell-style none'\n`,
  )
  const input = typed.map((line) => `${line}\t\x01echo "<\x05>"\n`).join('')
  const { stdout } = spawnSync('script', ['-qec', `bash --rcfile ${start} -i`, '/dev/null'], {
    cwd: folder,
    encoding: 'utf8',
    input: `${input}exit\n`,
    env: { ...process.env, TERM: 'dumb' },
    timeout: 20_000,
  })
  expect(stdout).toMatch(/<portolan scan --engine=syn ?>/)
  expect(stdout).toMatch(/auto +connect +syn/)
  expect(stdout).toMatch(/<portolan scan ?>/)
  expect(stdout).toMatch(/<portolan policy test policy\.yaml ?>/)
})

/** What the shell on the terminal is told first: to find the script, and to say what its line has become. */
const zshStart = (script: string) => `
PS1= RPS1= TERM=dumb
autoload -Uz compinit; compinit -D -u
source ${script}
tell() { print; print -r -- "now<$BUFFER>"; BUFFER= }
zle -N tell; bindkey '^Xq' tell
print ready`
/** A terminal (zpty) on which each line is typed, Tab pressed, and then the key that tells. */
const ZSH = String.raw`
zmodload zsh/zpty
zpty shell zsh -f -i
zpty -w shell "source $1"
zpty -r -m shell said '*ready*'
for line in "${'$'}{@:2}"; do
  zpty -w -n shell "$line"$'\t\x18q'
  zpty -r -m shell said '*now<*>*'
  print -r -- "$said" "<end>"
done
zpty -d shell`

test.runIf(installed('zsh'))('zsh, the same lines', { timeout: 60_000 }, () => {
  const start = path.join(folder, 'start.zsh')
  writeFileSync(start, zshStart(scriptOf('zsh')))
  const lines = OFFERED.map(([line]) => line)
  const { stdout } = spawnSync('zsh', ['-f', '-c', ZSH, 'zsh', start, ...lines], {
    cwd: folder,
    encoding: 'utf8',
    timeout: 60_000,
  })
  const told = stdout.split('<end>')
  for (const [i, [line, expected]] of OFFERED.entries())
    expect([line, told[i]?.split(/[\s<>=]+/)]).toEqual([line, expect.arrayContaining([...expected])])
})

test.each(['bash', 'zsh', 'fish'])('%s can read its script, and it names every command and option', (shell) => {
  const script = completionScript(shell, COMMANDS)
  for (const { name, options = [] } of COMMANDS) {
    expect(script).toContain(name)
    for (const { flags } of options) expect(script).toContain(/--([\w-]+)/.exec(flags)?.[1])
  }
  if (!installed(shell)) return
  const file = path.join(folder, `portolan.${shell}`)
  writeFileSync(file, script)
  expect(spawnSync(shell, ['-n', file], { encoding: 'utf8' }).stderr).toBe('')
})

test.each(COMMANDS.filter(({ service, actions }) => service && actions))(
  'the actions offered for $name are those it knows',
  async ({ name, actions = {} }) => {
    const { stderr } = await runPortolan([name, '?'])
    expect(stderr).toContain(`is none of ${Object.keys(actions).join(', ')}`)
  },
)

test('another shell is named as unknown', () =>
  expect(() => completionScript('tcsh', COMMANDS)).toThrow('bash, zsh and fish'))
