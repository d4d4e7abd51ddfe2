import type { Response } from 'express'
import type { Pool } from 'pg'
import { drained } from '../http/sse.ts'
import { allResults, type Format, type Result, type ResultFilter } from './results.ts'
import type { Scan } from './schema.ts'

export interface SendOptions {
  readonly scan: Scan
  readonly filter: ResultFilter
  readonly format: Exclude<Format, 'json'>
  readonly media: string
}

/** Streams every result. A client that reads slowly is waited for between two batches, with no transaction open. */
export async function sendResults(pool: Pool, response: Response, options: SendOptions): Promise<void> {
  const { scan, filter, media } = options
  response.status(200).set('Content-Type', `${media}; charset=utf-8`)
  for await (const batch of allResults(pool, scan.id, filter)) {
    if (response.destroyed) return
    if (!response.write(linesOf(batch))) await drained(response)
  }
  response.end()
}

const linesOf = (batch: readonly Result[]): string => batch.map((result) => `${JSON.stringify(result)}\n`).join('')
