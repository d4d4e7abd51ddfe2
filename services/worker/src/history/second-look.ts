/** SQL about what a second look said of an endpoint, for the transaction that finishes a scan. */
import { CONFIRMATION } from '../new-shards.ts'

/** `z`: what it said of the endpoint in `row`, if anything. */
export const secondLookAt = (row: string) => `
  LEFT JOIN confirmations z ON z.scan_id = $1
    AND (z.ip, z.port, z.transport, z.vantage) = (${row}.ip, ${row}.port, ${row}.transport, ${row}.vantage)`

/**
 * Whether what the endpoint in `row` seems to have become is to be taken for true no more than before: it was another
 * thing the second time, or there was to be a second look and it said nothing, or the scan was cancelled before it. What
 * was never to be looked at again, as results that are imported, stands for itself.
 */
export const isDoubted = (row: string) => `
  coalesce(z.state <> 'open' OR NOT z.agrees, EXISTS (SELECT FROM scans c WHERE c.id = $1 AND c.wanted = 'cancel'
    OR EXISTS (SELECT FROM shards l WHERE l.scan_id = $1 AND l.ordinal <= ${CONFIRMATION} AND l.vantage = ${row}.vantage
      AND l.transport = ${row}.transport)))`
