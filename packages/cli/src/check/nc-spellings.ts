/** What users of nc, nmap and telnet type by habit: `-zv HOST PORT`, `-zvu HOST PORT`, `-w 3`, `HOST -p PORT`. */
import { UsageError } from '../exit.ts'

export function fromNc(args: readonly string[]): readonly string[] {
  const out: string[] = []
  const ports: string[] = []
  let udp = false
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    const [, name, attached] = /^(-p|--ports?|-w)(?:=?(.+))?$/.exec(arg) ?? []
    if (arg === '-sU') udp = true
    else if (name !== undefined) {
      const value = attached ?? args[++i]
      if (value === undefined) throw new UsageError(`${name} needs a value`)
      if (name === '-w') out.push('--timeout', `${Math.round(Number(value) * 1000) || value}`)
      else ports.push(value)
    } else if (/^-[zvnu]+$/.test(arg)) udp ||= arg.includes('u')
    else if (!/^-(sT|sV|Pn)$/.test(arg)) out.push(arg)
  }
  return udp ? withUdp([...out, ...ports]) : [...out, ...ports]
}

/** The port is the last word, alone or behind the host. */
function withUdp(words: readonly string[]): readonly string[] {
  const at = words.findLastIndex((word) => !word.startsWith('-'))
  return words.map((word, i) => (i === at && /\w$/.test(word) ? `${word}/udp` : word))
}
