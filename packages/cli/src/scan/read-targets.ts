/** Targets from words and files, read as they come: a file may have a million lines. */
import { createReadStream, fstatSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { describeSpecError } from '@portolan/core/target/parsed.ts'
import { TargetList } from '@portolan/core/target/target-list.ts'
import { splitTargetText, splitTargetWord, type Targets } from '@portolan/core/target/target-spec.ts'
import { UsageError } from '../exit.ts'
import { fileTrouble } from '../file-trouble.ts'

export type TargetSources = {
  readonly words: readonly string[]
  /** `-` is standard input. */
  readonly files: readonly string[]
  /** What the complaint calls them. */
  readonly what: string
}

export type WrittenTargets = { readonly targets: Targets; readonly written: readonly string[] }

/** Complaints shown; the rest is counted. */
const SHOWN = 10

/** `keep`: as they were written, too. Throws UsageError with every complaint, each with its file and line. */
export async function readTargets({ words, files, what }: TargetSources, keep = false): Promise<WrittenTargets> {
  const list = new TargetList()
  const written: string[] = []
  const wrong: string[] = []
  let flaws = 0
  const add = (spec: string, place: () => string) => {
    if (keep) written.push(spec)
    const flaw = list.add(spec)
    if (flaw === null || flaws++ >= SHOWN) return
    wrong.push(`  ${place()}${describeSpecError({ ...flaw, pointer: '', spec: spec.slice(0, 300) })}`)
  }
  for (const word of words) for (const spec of splitTargetWord(word)) add(spec, () => '')
  for (const file of files)
    for await (const { lines, before } of linesOf(file))
      for (const [i, line] of lines.entries())
        for (const word of splitTargetText(line))
          for (const spec of splitTargetWord(word)) add(spec, () => `${nameOf(file)} line ${before + i + 1}: `)
  if (flaws > SHOWN) wrong.push(`  and ${flaws - SHOWN} more`)
  if (flaws > 0) throw new UsageError(`${what} cannot be understood:\n${wrong.join('\n')}`)
  return { targets: list.targets(), written }
}

/** Is something piped into the command, as naabu and its like take their targets? */
export function isPiped(): boolean {
  try {
    const stdin = fstatSync(0)
    return stdin.isFIFO() || stdin.isSocket() || stdin.isFile()
  } catch {
    return false
  }
}

/** For people. */
export const nameOf = (file: string) => (file === '-' ? 'standard input' : file)

/** Milliseconds: somebody who forgot to name a target waits for us as we wait for them. */
const PATIENCE = 3000
const WAITING = 'portolan: reading targets from standard input, until its end (Ctrl-D)\n'

/** Characters. */
const LONGEST_LINE = 16_000_000

type Lines = { readonly lines: readonly string[]; readonly before: number }

async function* linesOf(file: string): AsyncGenerator<Lines> {
  let decoder: ReturnType<typeof decoderOf> | null = null
  let rest = ''
  let before = 0
  const hint = file === '-' ? setTimeout(() => process.stderr.write(WAITING), PATIENCE) : undefined
  try {
    const source: Readable = file === '-' ? process.stdin : createReadStream(file, { highWaterMark: 1 << 18 })
    for await (const chunk of source) {
      clearTimeout(hint)
      decoder ??= decoderOf(chunk)
      const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
      rest = lines.pop() ?? ''
      if (rest.length > LONGEST_LINE) throw new Error(`line ${before + lines.length + 1} has no end`)
      yield { lines, before }
      before += lines.length
    }
  } catch (error) {
    throw new UsageError(`${nameOf(file)} cannot be read: ${fileTrouble(error)}`)
  } finally {
    clearTimeout(hint)
  }
  yield { lines: [rest], before }
}

/** UTF-8, or what Windows PowerShell writes with `>`. The decoder removes either's byte order mark. */
const decoderOf = (start: Uint8Array) => new TextDecoder(start[0] === 0xff && start[1] === 0xfe ? 'utf-16le' : 'utf-8')
