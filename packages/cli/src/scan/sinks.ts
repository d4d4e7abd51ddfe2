/** Where results go: standard output and any number of files, each in its own format. */

import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import path from 'node:path'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'
import { FORMATS, type FormatName, isFormatName } from '@portolan/core/format/formats.ts'
import type { RunFacts, RunSummary } from '@portolan/core/format/result-writer.ts'
import { nearest } from '@portolan/core/registry/nearest.ts'
import { UsageError } from '../exit.ts'
import { fileTrouble } from '../file-trouble.ts'

export type OutputFormat = FormatName | 'table'

/** One place results are written to. `file` is null for standard output. */
export type Output = { readonly format: OutputFormat; readonly file: string | null }

const ENDINGS: Readonly<Record<string, OutputFormat>> = {
  '.xml': 'xml',
  '.json': 'json',
  '.ndjson': 'ndjson',
  '.jsonl': 'ndjson',
  '.csv': 'csv',
  '.gnmap': 'gnmap',
  '.nmap': 'table',
  '.txt': 'table',
}

/** `xml:FILE`, or a file whose ending says its format; else `fallback`, or NDJSON. Throws UsageError. */
export function outputOf(text: string, fallback?: OutputFormat): Output {
  const [, named, file] = /^([a-z]+):(.+)$/.exec(text) ?? []
  if (named !== undefined && file !== undefined && (named === 'table' || isFormatName(named)))
    return { format: named, file: fileNamed(file) }
  const ending = path.extname(text).toLowerCase()
  return { format: ENDINGS[ending] ?? fallback ?? guessed(text, ending, named), file: fileNamed(text) }
}

/** NDJSON, unless what was typed looks like one of the others. Throws UsageError then. */
function guessed(text: string, ending: string, named = ''): OutputFormat {
  const format = nearest(named, ['table', ...Object.keys(FORMATS)])
  const meant = nearest(
    ending.slice(1),
    Object.keys(ENDINGS).map((one) => one.slice(1)),
  )
  const instead =
    format !== null
      ? `${format}${text.slice(named.length)}`
      : meant !== null
        ? `${text.slice(0, -ending.length)}.${meant}, or ndjson:${text}`
        : null
  if (instead === null) return 'ndjson'
  const odd = format === null ? `no format ends in ${ending}` : `${named} is no format`
  throw new UsageError(`-o ${text}: ${odd}; write ${instead}`)
}

function fileNamed(file: string): string {
  if (file !== '-') return file
  throw new UsageError('-o names files; standard output has what --format says')
}

export interface Sink {
  endpoint(endpoint: EndpointRecord): void
  /** Resolves when the reader has caught up. */
  drained(): Promise<void>
  /** `sorted` holds every endpoint, in the order of addresses. */
  finish(sorted: readonly EndpointRecord[], summary: RunSummary): Promise<void>
}

export type SinkOptions = {
  readonly run: RunFacts
  /** Makes the table: only the caller knows width and colours. */
  readonly table: (sorted: readonly EndpointRecord[], toTerminal: boolean) => string
  /** What programs read has open ports only, however few were asked and shown to a person. */
  readonly onlyOpen: boolean
}

/** Opens the file at once, so that a wrong path is known before the scan. */
export async function openSink({ format, file }: Output, { run, table, onlyOpen }: SinkOptions): Promise<Sink> {
  const stream = file === null ? process.stdout : await openFile(file)
  const close = async () => {
    if (file === null) return drain(stream)
    stream.end()
    await finished(stream).catch((error) => {
      throw new Error(`${file} is not complete: ${fileTrouble(error)}`, { cause: error })
    })
  }
  if (format === 'table')
    return {
      endpoint() {},
      drained: async () => {},
      async finish(sorted) {
        stream.write(table(sorted, file === null))
        await close()
      },
    }
  const writer = FORMATS[format].create()
  const late = isLate(format)
  const wanted = ({ state }: EndpointRecord) => !onlyOpen || state === 'open'
  const write = writeTogether(stream)
  stream.write(writer.start(run))
  return {
    endpoint(endpoint) {
      if (!late && wanted(endpoint)) write(writer.endpoint(endpoint))
    },
    drained() {
      write.now()
      return drain(stream)
    },
    async finish(sorted, summary) {
      write.now()
      if (late)
        for (const endpoint of sorted.filter(wanted)) {
          stream.write(writer.endpoint(endpoint))
          await drain(stream)
        }
      stream.write(writer.end(summary))
      await close()
    },
  }
}

/** Throws UsageError when a file cannot be written, for results that come much later. Leaves what is in it. */
export async function checkOutputs(outputs: readonly Output[]): Promise<void> {
  for (const { file } of outputs) if (file !== null) (await openFile(file, 'a')).end()
}

/** A JSON document is of no use before its end, so it can be sorted, as a host's ports must be kept together elsewhere. */
const isLate = (format: FormatName) => FORMATS[format].grouped || format === 'json'

/** True when some output can only be written once everything is known. */
export function needsAll(outputs: readonly Output[]): boolean {
  return outputs.some(({ format }) => format === 'table' || isLate(format))
}

/** What comes in one turn of the event loop goes out by one call: a call for each line takes longer than all the rest. */
function writeTogether(stream: Writable): { (text: string): void; now(): void } {
  let waiting = ''
  const now = () => {
    if (waiting !== '') stream.write(waiting)
    waiting = ''
  }
  const write = (text: string) => {
    if (waiting === '') setImmediate(now)
    waiting += text
  }
  return Object.assign(write, { now })
}

/** One that failed takes everything at once. */
async function drain(stream: Writable): Promise<void> {
  if (stream.writableNeedDrain && !stream.destroyed) await once(stream, 'drain').catch(() => {})
}

async function openFile(file: string, flags: 'w' | 'a' = 'w'): Promise<Writable> {
  const stream = createWriteStream(file, { flags })
  try {
    await once(stream, 'open')
    // A disk that is full is told of at the end: what was found is still to go to the other places.
    stream.on('error', () => {})
    return stream
  } catch (error) {
    throw new UsageError(`${file} cannot be written: ${fileTrouble(error)}`)
  }
}
