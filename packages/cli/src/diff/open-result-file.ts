/** Opens results of any scanner Portolan reads, and finds out by the first bytes which one wrote them. */
import { createReadStream } from 'node:fs'
import type { Chunks, Imported } from '@portolan/core/format/imported.ts'
import { readMasscan } from '@portolan/core/format/read-masscan.ts'
import { readNdjson } from '@portolan/core/format/read-ndjson.ts'
import { readNmapXml } from '@portolan/core/format/read-nmap-xml.ts'
import { UsageError } from '../exit.ts'
import { fileTrouble } from '../file-trouble.ts'

/** Enough of a file to tell by. */
const START = 512

export type ResultFormat = 'nmap-xml' | 'masscan' | 'ndjson'

const READERS: Readonly<Record<ResultFormat, (chunks: Chunks) => AsyncGenerator<Imported>>> = {
  'nmap-xml': readNmapXml,
  masscan: readMasscan,
  ndjson: readNdjson,
}

/** `-` is standard input. Throws UsageError for what cannot be read. */
export async function* openResultFile(file: string): AsyncGenerator<Imported> {
  const { format, bytes } = await openResults(file)
  yield* READERS[format](bytes)
}

/** The file as it is, and who wrote it. */
export async function openResults(file: string): Promise<{ format: ResultFormat; bytes: AsyncGenerator<Uint8Array> }> {
  const chunks = (file === '-' ? process.stdin : createReadStream(file))[Symbol.asyncIterator]()
  const held: Uint8Array[] = []
  let size = 0
  while (size < START) {
    const { value, done } = await chunks.next().catch((error: unknown) => unreadable(file, error))
    if (done) break
    held.push(value)
    size += value.length
  }
  const start = Buffer.concat(held).subarray(0, START).toString('latin1')
  return { format: formatOf(start, file), bytes: again(file, held, chunks) }
}

async function* again(file: string, held: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>) {
  yield* held
  try {
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
  } catch (error) {
    unreadable(file, error)
  }
}

function unreadable(file: string, error: unknown): never {
  if (error instanceof Error && 'code' in error) throw new UsageError(`${file} cannot be read: ${fileTrouble(error)}`)
  throw error
}

/** A byte order mark, as some editors leave it, in Latin-1. */
const MARK = /^\u00ef\u00bb\u00bf/

function formatOf(start: string, file: string): ResultFormat {
  const text = start.replace(MARK, '').trimStart()
  if (text.startsWith('<')) return 'nmap-xml'
  if (text.startsWith('[') || /^\{[^{\n]*"ports"\s*:\s*\[/.test(text)) return 'masscan'
  // A scan that found nothing leaves an empty file.
  if (text === '' || /^\{\s*"(ip|port|transport|state)"/.test(text)) return 'ndjson'
  if (/^#\s*masscan|^(open|banner) (tcp|udp) /.test(text)) return 'masscan'
  throw new UsageError(`${file} is neither NDJSON (--format ndjson) nor nmap XML nor masscan's JSON or list`)
}
