import type { Pool } from 'pg'

export interface Statement {
  readonly sql: string
  readonly values: readonly unknown[]
  /** `SET LOCAL ...`: which ways the planner may not take. */
  readonly settings?: string
}

const CANCELLED = '57014'

/** What the statement reads; null when it is not done after so many milliseconds. */
export async function inTime<Row extends object>(
  pool: Pool,
  milliseconds: number,
  { sql, values, settings = '' }: Statement,
): Promise<readonly Row[] | null> {
  const client = await pool.connect()
  // Compiling a statement takes longer than any that is in time.
  const limits = `SET LOCAL statement_timeout = ${Math.ceil(milliseconds)}; SET LOCAL jit = off; ${settings}`
  let broken = true
  try {
    await client.query(`BEGIN READ ONLY; ${limits}`)
    const rows = await client.query<Row>(sql, [...values]).then(
      (result) => result.rows,
      (error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === CANCELLED) return null
        throw error
      },
    )
    await client.query('ROLLBACK')
    broken = false
    return rows
  } finally {
    client.release(broken)
  }
}
