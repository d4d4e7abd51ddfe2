import type { CommandSpec } from '../command-spec.ts'
import { argumentsOf, type Completed, optionValue, quoted, spellings } from './completed.ts'

/** Sets `words`, or leaves the rest to readline and returns. */
function offer(completed: Completed): string {
  if (completed.kind === 'list') return `words=${quoted(completed.words.join(' '))}`
  if (completed.kind === 'file') return 'compopt -o default; return'
  if (completed.kind === 'folder') return 'compopt -o dirnames; return'
  if (completed.kind === 'interface') return 'words=$(ls /sys/class/net 2>/dev/null)'
  if (completed.kind === 'host') return 'words=$(compgen -A hostname)'
  return 'return'
}

export function bash(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name }) => name).join(' ')
  return `_portolan() {
  local words='' command=\${COMP_WORDS[1]} current=\${COMP_WORDS[COMP_CWORD]} before=\${COMP_WORDS[COMP_CWORD-1]}
  COMPREPLY=()
  # To readline, --engine=syn is three words.
  [ "$before" != = ] || before=\${COMP_WORDS[COMP_CWORD-2]}
  [ "$current" != = ] || current=''
  if [ "$COMP_CWORD" = 1 ]; then
    words='${names} help --help --version'
  elif [ "$command" = help ]; then
    words='${names}'
  else
    case $command:$before in
${commands.flatMap(values).join('\n')}
    *)
      case $command:$current in
${commands.flatMap(optionNames).join('\n')}
      esac
      case $COMP_CWORD:$command:$current in
      *:-*) ;;
${commands.flatMap(behind).join('\n')}
      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _portolan portolan
`
}

function values({ name, options = [] }: CommandSpec): readonly string[] {
  return options.flatMap((option) => {
    const value = optionValue(option)
    const pattern = spellings(option)
      .map((word) => `${name}:${word}`)
      .join('|')
    return value === null ? [] : [`    ${pattern}) ${offer(value)} ;;`]
  })
}

function optionNames({ name, options = [] }: CommandSpec): string {
  return `      ${name}:-*) words='${[...options.flatMap(spellings), '--help'].join(' ')}' ;;`
}

function behind(spec: CommandSpec): readonly string[] {
  const { name, actions } = spec
  const first = actions ? [`      2:${name}:*) words='${Object.keys(actions).join(' ')}' ;;`] : []
  return [...first, `      *:${name}:*) ${offer(argumentsOf(spec))} ;;`]
}
