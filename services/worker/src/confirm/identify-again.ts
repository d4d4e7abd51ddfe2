/** The second look at services: what seems to run another version, or to show another certificate, is asked again. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Detection } from '@portolan/core/detect/protocol.ts'
import { type Agreement, compareLooks, type Look } from '@portolan/core/exposure/compare-looks.ts'
import { storedText } from '@portolan/db/copy-format.ts'
import { certificateOf } from '@portolan/db/observations.ts'
import type { Discovery } from '../discover-hosts.ts'
import type { Parts } from '../parts.ts'
import { LOOKS, SPACING } from './look-again.ts'
import type { Suspect } from './suspects.ts'

/** Under examination at a time. */
const MOST = 1_000

export type Identified = { readonly suspect: Suspect; readonly agreement: Agreement }

/** Until each has said something that tells, or nothing of the kind throughout. Empty when it is stopped. */
export async function identifyAgain(
  parts: Pick<Parts, 'identifier' | 'tally'>,
  work: Discovery,
  altered: readonly Suspect[],
): Promise<readonly Identified[]> {
  const { signal } = work.stop
  const found = new Map<Suspect, Agreement>()
  let left = altered
  for (let turn = 0; turn < LOOKS && left.length > 0; turn++) {
    await sleep(SPACING, undefined, { signal }).catch(() => {})
    for (let from = 0; from < left.length; from += MOST) {
      const some = left.slice(from, from + MOST)
      await Promise.all(some.map(async (suspect) => found.set(suspect, await look(parts, work, suspect))))
    }
    if (signal.aborted) return []
    left = left.filter((suspect) => found.get(suspect) === 'silent')
  }
  return Array.from(found, ([suspect, agreement]) => ({ suspect, agreement }))
}

async function look(
  { identifier, tally }: Pick<Parts, 'identifier' | 'tally'>,
  { scan, stop }: Discovery,
  { ip, port, transport, looks }: Suspect,
): Promise<Agreement> {
  if (scan.services === 'none' || looks === null) return 'silent'
  const target = { address: ip, port, transport, hostname: scan.hostnameOf(ip) }
  const detection = await identifier.identify(target, scan.services, stop.signal)
  if (detection === null) return 'silent'
  tally.add({ examined: 1, identified: detection.status === 'identified' ? 1 : 0 })
  return compareLooks({ ...looks, second: lookOf(detection) })
}

/** As it would be stored. */
function lookOf(detection: Detection): Look {
  const service = detection.status === 'identified' ? detection.service : null
  const text = (value: string | null | undefined) => (value ? storedText(value) : null)
  return {
    service: text(service?.name),
    product: text(service?.product),
    version: text(service?.version),
    certificate: certificateOf(detection),
  }
}
