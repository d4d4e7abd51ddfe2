/** Completion scripts, made of the same specs as the help. They are plain lists: completing starts no process. */
import type { CommandSpec, OptionSpec } from './command-spec.ts'
import { UsageError } from './exit.ts'

export function completionScript(shell: string, commands: readonly CommandSpec[]): string {
  if (shell === 'bash') return bash(commands)
  if (shell === 'zsh') return zsh(commands)
  if (shell === 'fish') return fish(commands)
  throw new UsageError(`there is completion for bash, zsh and fish, not for ${JSON.stringify(shell)}`)
}

const words = ({ flags }: OptionSpec) => flags.split(/[ ,]+/).filter((word) => word.startsWith('-'))
const takesFile = ({ flags }: OptionSpec) => /<file>/.test(flags)
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`

function bash(commands: readonly CommandSpec[]): string {
  const cases = commands.flatMap(({ name, options = [] }) => [
    ...options
      .filter(({ choices }) => choices)
      .map((option) => `    ${name}:${words(option).join(`|${name}:`)}) words='${option.choices?.join(' ')}' ;;`),
    ...options
      .filter(takesFile)
      .map((option) => `    ${name}:${words(option).join(`|${name}:`)}) compopt -o default; return ;;`),
    `    ${name}:*) words='${[...options.flatMap(words), '--help'].join(' ')}' ;;`,
  ])
  return `_portolan() {
  local words current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  case \${COMP_WORDS[1]}:$before in
${cases.join('\n')}
  esac
  if [ "$COMP_CWORD" = 1 ]; then words='${commands.map(({ name }) => name).join(' ')} --help --version'; fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _portolan portolan
`
}

function zsh(commands: readonly CommandSpec[]): string {
  const escaped = (text: string) => text.replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:')
  const argument = (option: OptionSpec) => {
    const value = option.choices
      ? `:value:(${option.choices.join(' ')})`
      : takesFile(option)
        ? ':file:_files'
        : /</.test(option.flags)
          ? ':value:'
          : ''
    return words(option).map(
      (word) => `      ${quoted(`${option.repeatable ? '*' : ''}${word}[${escaped(option.description)}]${value}`)} \\`,
    )
  }
  const cases = commands.map(
    ({ name, options = [] }) =>
      `    ${name}) _arguments \\\n${options.flatMap(argument).join('\n')}\n      '*:argument:' ;;`,
  )
  const names = commands.map(({ name, summary }) => quoted(`${name}:${escaped(summary)}`)).join(' ')
  return `#compdef portolan
_portolan() {
  if (( CURRENT == 2 )); then
    local -a commands=(${names})
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${cases.join('\n')}
  esac
}
compdef _portolan portolan
`
}

function fish(commands: readonly CommandSpec[]): string {
  const lines = commands.flatMap(({ name, summary, options = [] }) => [
    `complete -c portolan -n __fish_use_subcommand -f -a ${name} -d ${quoted(summary)}`,
    ...options.map((option) => {
      const flags = words(option).map((word) => (word.startsWith('--') ? `-l ${word.slice(2)}` : `-s ${word.slice(1)}`))
      const value = option.choices
        ? ` -x -a ${quoted(option.choices.join(' '))}`
        : takesFile(option)
          ? ' -r -F'
          : /</.test(option.flags)
            ? ' -x'
            : ''
      return `complete -c portolan -n '__fish_seen_subcommand_from ${name}' ${flags.join(' ')}${value} -d ${quoted(option.description)}`
    }),
  ])
  return `${lines.join('\n')}\n`
}
