import type { CommandSpec, OptionSpec } from '../command-spec.ts'
import { argumentsOf, type Completed, optionValue, quoted, spellings } from './completed.ts'

const escaped = (text: string) => text.replaceAll('[', '\\[').replaceAll(']', '\\]').replaceAll(':', '\\:')

/** The end of a spec of _arguments (zshcompsys(1)): `:message:action`. */
function offer(completed: Completed | null): string {
  if (completed === null) return ''
  if (completed.kind === 'list') return `:value:(${completed.words.join(' ')})`
  if (completed.kind === 'file') return ':file:_files'
  if (completed.kind === 'folder') return ':folder:_files -/'
  if (completed.kind === 'interface') return ':interface:_net_interfaces'
  return completed.kind === 'host' ? ':host:_hosts' : ':value:'
}

export function zsh(commands: readonly CommandSpec[]): string {
  const names = commands.map(({ name, summary }) => quoted(`${name}:${escaped(summary)}`)).join(' ')
  return `#compdef portolan
_portolan() {
  local -a commands=(${names})
  if (( CURRENT == 2 )); then
    _describe command commands
    return
  fi
  local command=$words[2]
  shift words
  (( CURRENT-- ))
  case $command in
${commands.map(caseOf).join('\n')}
    help) _describe command commands ;;
  esac
}
compdef _portolan portolan
`
}

function caseOf(spec: CommandSpec): string {
  const { name, options = [], actions } = spec
  const first = actions ? [`1:action:(${Object.keys(actions).join(' ')})`] : []
  const lines = [...options.flatMap(argument), ...first, `*${offer(argumentsOf(spec))}`]
  return `    ${name}) _arguments \\\n${lines.map((line) => `      ${quoted(line)}`).join(' \\\n')} ;;`
}

function argument(option: OptionSpec): readonly string[] {
  const star = option.repeatable ? '*' : ''
  const value = optionValue(option)
  // `--engine syn` and `--engine=syn`.
  const name = (word: string) => (value !== null && word.startsWith('--') ? `${word}=` : word)
  return spellings(option).map((word) => `${star}${name(word)}[${escaped(option.description)}]${offer(value)}`)
}
