import type { Chunks, Imported } from './imported.ts'
import { type Line, LineSplitter } from './line-splitter.ts'
import { isFields, readEndpoint } from './untrusted-record.ts'

/** A result with a certificate of a hundred names is some 10 KB; nothing honest comes near this. */
const LINE_CAP = 256 * 1024

/** Reads what `--format ndjson` wrote. A bad line is skipped and reported, the rest is read on. */
export async function* readNdjson(chunks: Chunks): AsyncGenerator<Imported> {
  const splitter = new LineSplitter(LINE_CAP)
  for await (const chunk of chunks) for (const line of splitter.push(chunk)) yield* event(line)
  for (const line of splitter.end()) yield* event(line)
  yield { kind: 'end', finishedAt: null, complete: true }
}

function* event({ number, text }: Line): Generator<Imported> {
  if (text?.trim() === '') return
  const value = text === null ? undefined : parseJson(text)
  const record =
    text === null ? `longer than ${LINE_CAP} characters` : isFields(value) ? readEndpoint(value) : 'not a JSON object'
  if (typeof record === 'string') yield { kind: 'skipped', line: number, problem: record }
  else yield { kind: 'endpoint', endpoint: record, seenAt: null }
}

/** Undefined when it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
