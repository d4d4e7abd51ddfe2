/** Results out of the service, and results of other scanners into it. */
import { createWriteStream } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { take } from '@portolan/client/client.ts'
import type { Options } from '../command-spec.ts'
import { openResults } from '../diff/open-result-file.ts'
import { EXIT, UsageError } from '../exit.ts'
import { choiceOption, textOption } from '../read-options.ts'
import { argumentsOf, callOf, type ServiceCall } from './service-call.ts'

const FORMATS = ['json', 'ndjson', 'csv', 'xml', 'gnmap', 'masscan'] as const

/** The results of a scan, as the service writes them; as large as they are. */
export async function exportCommand(args: readonly string[], options: Options): Promise<number> {
  const call = await callOf(args, { ...options, format: undefined })
  const { scan } = argumentsOf(call, 'scan')
  const format = choiceOption(options, 'format', FORMATS) ?? 'ndjson'
  const params = { path: { id: scan === LATEST ? await latest(call) : scan }, query: { format } }
  const { data } = await call.client.GET('/v1/scans/{id}/results', { params, parseAs: 'stream' })
  if (data === null || data === undefined) return EXIT.done
  const file = textOption(options, 'output')
  // because Node's fetch gives the web stream that Readable.fromWeb takes; only their types differ
  const body = Readable.fromWeb(data as Parameters<typeof Readable.fromWeb>[0])
  if (file === undefined) await pipeline(body, process.stdout, { end: false })
  else await pipeline(body, createWriteStream(file))
  return EXIT.done
}

const LATEST = 'latest'

async function latest({ client, url }: ServiceCall): Promise<string> {
  const { items } = await take(client.GET('/v1/scans', { params: { query: { limit: 1 } } }))
  const [scan] = items
  if (scan === undefined) throw new UsageError(`${url} has no scan yet`)
  return scan.id
}

/** `-` is standard input. */
export async function importCommand(args: readonly string[], options: Options): Promise<number> {
  const call = await callOf(args, options)
  const { file } = argumentsOf(call, 'file')
  const { bytes, format } = await openResults(file)
  const vantage = textOption(options, 'vantage')
  const sent = call.client.POST('/v1/imports', {
    params: { query: { format, ...(vantage !== undefined && { vantage }) } },
    headers: { 'Content-Type': 'text/plain' },
    // because what the contract calls text is streamed here, however long the file is
    body: ReadableStream.from(bytes) as unknown as string,
    bodySerializer: (body: unknown) => body,
    duplex: 'half',
  })
  const report = await take(sent)
  call.output.said(`taken in as the scan ${report.scanId ?? '(none)'}`, report)
  return EXIT.done
}
