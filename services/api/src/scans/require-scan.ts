import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'
import type { Scan } from './schema.ts'

/** The scan a path names; throws `not-found`. */
export async function requireScan({ parts, caller, params }: Call<{ id: string }, unknown, unknown>): Promise<Scan> {
  const scan = await parts.scans.find(caller.projectId, params.id)
  if (scan === null) throw new Problem('not-found', `there is no scan ${params.id}`)
  return scan
}
