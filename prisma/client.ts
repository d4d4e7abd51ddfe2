/** The database. Nothing else in the project imports Prisma or opens a connection to PostgreSQL for its tables. */
import { PrismaPg } from '@prisma/adapter-pg'
import pg from 'pg'
import { PrismaClient } from './generated/client.ts'

export { Prisma } from './generated/client.ts'
export type { PrismaClient }

/** The project everything belongs to until others are made; the first migration puts it in. */
export const DEFAULT_PROJECT = '00000000-0000-7000-8000-000000000001'

export interface Db extends AsyncDisposable {
  /** For single rows and the API's ordinary reads and writes. */
  readonly prisma: PrismaClient
  /** For what has to be fast or is not in Prisma's language: observations, searches, claims. Shared with `prisma`. */
  readonly pool: pg.Pool
  close(): Promise<void>
}

export interface DbOptions {
  /** Connections at most; queries beyond wait for one. */
  readonly connections?: number
  /**
   * Milliseconds in the middle of a transaction without a word, after which PostgreSQL undoes it and hangs up: who stands
   * still must not keep its locks. Unset: as the server has it.
   */
  readonly longestPause?: number
  /** A connection broke while nobody used it. The pool has already dropped it. */
  readonly onError?: (error: Error) => void
}

/** Connects when first used. */
export function createDb(url: string, { connections = 10, longestPause, onError = () => {} }: DbOptions = {}): Db {
  const pool = new pg.Pool({
    connectionString: url,
    max: connections,
    keepAlive: true,
    ...(longestPause !== undefined && { idle_in_transaction_session_timeout: longestPause }),
    // Prisma's adapter takes every time for UTC without looking at its offset.
    options: '-c timezone=UTC',
    types: { getTypeParser },
  })
  pool.on('error', onError)
  // The pool listens only while nobody holds the connection; one that breaks between two statements of a transaction
  // would end the process.
  pool.on('connect', (client) => client.on('error', onError))
  const prisma = new PrismaClient({ adapter: new PrismaPg(pool) })
  const close = async () => {
    await prisma.$disconnect()
    await pool.end()
  }
  return { prisma, pool, close, [Symbol.asyncDispose]: close }
}

/** bigint as a number in what `pool` returns: positions and counts stay below 2^53. Prisma brings its own parsers. */
function getTypeParser(oid: number, format?: 'text' | 'binary') {
  return oid === pg.types.builtins.INT8 && format !== 'binary' ? Number : pg.types.getTypeParser(oid, format)
}
