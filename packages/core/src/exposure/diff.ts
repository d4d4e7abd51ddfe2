/**
 * What changed between two scans, and what cannot be said.
 *
 * A port that one of the two scans did not look at (other targets, other ports, another vantage, a lost shard) is *not
 * comparable*: neither opened nor closed. That is the mistake diff scripts make and the reason nobody trusts them.
 */
import { type EndpointKey, endpointId, type SightedService, type Sighting } from './sighting.ts'

export type ChangeKind = 'opened' | 'closed' | 'service-changed' | 'version-changed' | 'certificate-changed'

export interface Change {
  readonly kind: ChangeKind
  readonly endpoint: EndpointKey
  readonly before: Sighting | null
  readonly after: Sighting | null
}

export interface NotComparable {
  readonly endpoint: EndpointKey
  /** Which of the two scans saw it open; the other one did not look. */
  readonly seenIn: 'before' | 'after'
}

export interface Diff {
  readonly changes: readonly Change[]
  readonly notComparable: readonly NotComparable[]
}

/** One scan: its open endpoints, and whether it really looked at a given one. */
export interface ScanView {
  readonly open: Iterable<Sighting>
  covers(endpoint: EndpointKey): boolean
}

export function diffScans(before: ScanView, after: ScanView): Diff {
  const earlier = openById(before)
  const later = openById(after)
  const changes: Change[] = []
  const notComparable: NotComparable[] = []
  for (const [id, now] of later) {
    const was = earlier.get(id)
    if (was !== undefined) changes.push(...serviceChanges(was, now))
    else if (before.covers(now)) changes.push({ kind: 'opened', endpoint: keyOf(now), before: null, after: now })
    else notComparable.push({ endpoint: keyOf(now), seenIn: 'after' })
  }
  for (const [id, was] of earlier) {
    if (later.has(id)) continue
    if (after.covers(was)) changes.push({ kind: 'closed', endpoint: keyOf(was), before: was, after: null })
    else notComparable.push({ endpoint: keyOf(was), seenIn: 'before' })
  }
  return { changes, notComparable }
}

/** `open|filtered` is silence, not an open port. */
function openById(view: ScanView): Map<string, Sighting> {
  const open = new Map<string, Sighting>()
  for (const sighting of view.open) if (sighting.state === 'open') open.set(endpointId(sighting), sighting)
  return open
}

function keyOf({ vantage, ip, transport, port }: Sighting): EndpointKey {
  return { vantage, ip, transport, port }
}

/**
 * What two looks at one open port say about its service. A missing answer on either side is no news: the scan may have
 * run without detection, or the service may have been busy.
 */
export function serviceChanges(before: Sighting, after: Sighting): Change[] {
  const was = before.service
  const now = after.service
  if (was === null || now === null) return []
  const change = (kind: ChangeKind): Change => ({ kind, endpoint: keyOf(after), before, after })
  const changes: Change[] = []
  if (differs(was.name, now.name) || differs(was.product, now.product)) changes.push(change('service-changed'))
  else if (differs(was.version, now.version)) changes.push(change('version-changed'))
  if (certificateChanged(was, now)) changes.push(change('certificate-changed'))
  return changes
}

function differs(was: string | null, now: string | null): boolean {
  return was !== null && now !== null && was !== now
}

function certificateChanged(was: SightedService, now: SightedService): boolean {
  return was.certificate !== null && now.certificate !== null && was.certificate.sha256 !== now.certificate.sha256
}
