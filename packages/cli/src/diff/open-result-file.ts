/** Opens results of any scanner Portolan reads, and finds out by the first bytes which one wrote them. */
import { createReadStream } from 'node:fs'
import type { Chunks, Imported } from '@portolan/core/format/imported.ts'
import { readMasscan } from '@portolan/core/format/read-masscan.ts'
import { readNdjson } from '@portolan/core/format/read-ndjson.ts'
import { readNmapXml } from '@portolan/core/format/read-nmap-xml.ts'
import { UsageError } from '../exit.ts'

/** Enough of a file to tell by. */
const START = 512

/** `-` is standard input. Throws UsageError for what cannot be read. */
export async function* openResultFile(file: string): AsyncGenerator<Imported> {
  const chunks = (file === '-' ? process.stdin : createReadStream(file))[Symbol.asyncIterator]()
  try {
    const held: Uint8Array[] = []
    let size = 0
    while (size < START) {
      const { value, done } = await chunks.next()
      if (done) break
      held.push(value)
      size += value.length
    }
    const start = Buffer.concat(held).subarray(0, START).toString('latin1')
    yield* readerFor(start, file)(again(held, chunks))
  } catch (error) {
    if (error instanceof Error && 'code' in error) throw new UsageError(`${file} cannot be read: ${error.message}`)
    throw error
  }
}

async function* again(held: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield* held
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
}

/** A byte order mark, as some editors leave it, in Latin-1. */
const MARK = /^\u00ef\u00bb\u00bf/

function readerFor(start: string, file: string): (chunks: Chunks) => AsyncGenerator<Imported> {
  const text = start.replace(MARK, '').trimStart()
  if (text.startsWith('<')) return readNmapXml
  if (text.startsWith('[') || /^\{[^{\n]*"ports"\s*:\s*\[/.test(text)) return readMasscan
  // A scan that found nothing leaves an empty file.
  if (text === '' || /^\{\s*"(ip|port|transport|state)"/.test(text)) return readNdjson
  if (/^#\s*masscan|^(open|banner) (tcp|udp) /.test(text)) return readMasscan
  throw new UsageError(`${file} is neither NDJSON (--format ndjson) nor nmap XML nor masscan's JSON or list`)
}
