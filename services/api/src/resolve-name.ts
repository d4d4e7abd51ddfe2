import { lookup } from 'node:dns/promises'

/** Milliseconds: a client waits for the answer. The system's resolver would go on for half a minute. */
const PATIENCE = 5_000

/** "There is no such name", as opposed to "nobody could be asked". */
const NO_ADDRESS = /^(ENOTFOUND|ENODATA|EAI_NODATA|EAI_NONAME|EAI_FAIL)$/

/**
 * Every A and AAAA of a name, by the system's own rules (hosts file, search order), because workers on this machine
 * would reach the same. Empty when it has none; rejects when nobody could be asked in time.
 */
export async function resolveName(name: string): Promise<readonly string[]> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer for ${name}`)), PATIENCE)
  try {
    const found = await Promise.race([lookup(name, { all: true, verbatim: true }), late.promise])
    return [...new Set(found.map(({ address }) => address))]
  } catch (error) {
    if (error instanceof Error && 'code' in error && NO_ADDRESS.test(String(error.code))) return []
    throw error
  } finally {
    clearTimeout(timer)
  }
}
