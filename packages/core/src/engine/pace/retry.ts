/** When a silent probe is repeated, and when its silence is believed. Pure functions of what has been seen so far. */

/** Expected number of answering ports that a whole task may miss: one in a hundred tasks misses one, or one port in a million. */
const toleratedMisses = (answering: number): number => Math.max(0.01, answering * 1e-6)
/** A silent port is asked twice even where nothing was ever lost: one packet proves nothing. */
const MIN_TRIES = 2
export const MAX_TRIES = 12

export interface TryEvidence {
  /** Ports that answer, in this task, as far as can be told: those that will be asked, times the share that answers. */
  readonly answering: number
  /** Chance that a try to one of them is lost, in (0, 1). */
  readonly loss: number
}

/** How many tries a silent port deserves so that next to no answering port is missed in all. */
export function triesWanted({ answering, loss }: TryEvidence): number {
  const tolerated = toleratedMisses(answering)
  if (!(answering > tolerated)) return MIN_TRIES
  const wanted = Math.ceil(Math.log(tolerated / answering) / Math.log(Math.min(loss, 0.95)) - 1e-9)
  return Math.min(MAX_TRIES, Math.max(MIN_TRIES, wanted))
}

/** What is known of hosts, to judge those that have not answered at all. */
export interface HostEvidence extends TryEvidence {
  /** Hosts in the task, hosts asked so far, and those of them that have answered at least once. */
  readonly hosts: number
  readonly asked: number
  readonly heard: number
  /** Hosts that have answered once or twice only. */
  readonly few: number
  /** Share of ports that answer on hosts that do. */
  readonly share: number
}

/**
 * Expected number of answering ports on a host all of whose `ports` asked so far stayed silent through `tries` tries:
 * either it is like those that answer and every answer was lost, or it is one of those where next to no port answers.
 */
export function missesOnSilentHost(
  { asked, heard, few, share, loss }: HostEvidence,
  ports: number,
  tries: number,
): number {
  const lost = loss ** tries
  const alike = (asked > 0 ? heard / asked : 1) * (1 - share * (1 - lost)) ** ports * ports * share
  return alike + ((few + 1) / (heard + 2)) * lost
}

/** `triesWanted` for the ports of such a host. */
export function triesOnSilentHost(evidence: HostEvidence, ports: number): number {
  const { hosts, asked, heard, answering } = evidence
  const silentHosts = hosts * (asked > 0 ? 1 - heard / asked : 1)
  const tolerated = toleratedMisses(answering)
  let tries = MIN_TRIES
  while (tries < MAX_TRIES && silentHosts * missesOnSilentHost(evidence, ports, tries) > tolerated) tries++
  return tries
}

/**
 * Milliseconds to wait for the answer to try number `tries` (1 is the first) before the next one. Longer with every
 * try: what killed the last packets (a burst, a full queue) shall be over. `last`: there is no next try, so this is the
 * time after which silence is believed; being wrong is dear now, waiting is not, hence the floor.
 */
export function waitAfter(tries: number, timeout: number, last: boolean): number {
  const spaced = timeout * Math.min(3, 1 + (tries - 1) / 2)
  return last ? Math.max(spaced, timeout * 2, 120) : spaced
}
