import { createCsvWriter } from './csv.ts'
import { createGrepableWriter } from './grepable.ts'
import { createJsonWriter } from './json.ts'
import { createMasscanWriter } from './masscan-json.ts'
import { createNdjsonWriter } from './ndjson.ts'
import { createNmapXmlWriter } from './nmap-xml.ts'
import type { ResultWriter } from './result-writer.ts'

export type FormatName = 'ndjson' | 'json' | 'xml' | 'gnmap' | 'csv' | 'masscan'

export type Format = {
  readonly mediaType: string
  readonly extension: string
  /** Endpoints of a host must follow one another. */
  readonly grouped: boolean
  create(): ResultWriter
}

/** Every machine-readable format, by the name `--format` and `?format=` know. */
export const FORMATS: Readonly<Record<FormatName, Format>> = {
  ndjson: { mediaType: 'application/x-ndjson', extension: 'ndjson', grouped: false, create: createNdjsonWriter },
  json: { mediaType: 'application/json', extension: 'json', grouped: false, create: createJsonWriter },
  xml: { mediaType: 'application/xml', extension: 'xml', grouped: true, create: createNmapXmlWriter },
  gnmap: { mediaType: 'text/plain', extension: 'gnmap', grouped: true, create: createGrepableWriter },
  csv: { mediaType: 'text/csv', extension: 'csv', grouped: false, create: createCsvWriter },
  // A type of its own: what accepts JSON wants ours.
  masscan: { mediaType: 'application/x-masscan-json', extension: 'json', grouped: false, create: createMasscanWriter },
}

export function isFormatName(name: string): name is FormatName {
  return Object.hasOwn(FORMATS, name)
}
