/** The numbers of a scan, added up over its stages (and over its earlier runs, when it is resumed). */
import { writeFile } from 'node:fs/promises'
import type { EngineStats, StateCounts } from '@portolan/core/engine/engine.ts'
import { fileTrouble } from '../file-trouble.ts'

export type Totals = {
  readonly counts: StateCounts
  readonly sent: number
  readonly received: number
  /** Milliseconds the engines ran. */
  readonly milliseconds: number
  /** Each with the number of probes it speaks for, so that the mean is fair. */
  readonly loss: number
  readonly recall: number
}

export const NOTHING: Totals = {
  counts: { open: 0, closed: 0, filtered: 0, openFiltered: 0 },
  sent: 0,
  received: 0,
  milliseconds: 0,
  loss: 0,
  recall: 1,
}

export function addCounts(a: StateCounts, b: StateCounts): StateCounts {
  return {
    open: a.open + b.open,
    closed: a.closed + b.closed,
    filtered: a.filtered + b.filtered,
    openFiltered: a.openFiltered + b.openFiltered,
  }
}

/** `before` and what one engine run came to. */
export function addRun(before: Totals, counts: StateCounts, stats: EngineStats, milliseconds: number): Totals {
  const sent = before.sent + stats.sent
  const mean = (old: number, now: number) => (sent === 0 ? now : (old * before.sent + now * stats.sent) / sent)
  return {
    counts: addCounts(before.counts, counts),
    sent,
    received: before.received + stats.received,
    milliseconds: before.milliseconds + milliseconds,
    loss: mean(before.loss, stats.lossEstimate),
    recall: mean(before.recall, stats.recallEstimate),
  }
}

type Numbers = { readonly probes: number; readonly totals: Totals; readonly allPortsOpen: readonly string[] }

/** Throws in words when the file cannot be written. */
export async function writeStats(file: string | undefined, { probes, totals, allPortsOpen }: Numbers): Promise<void> {
  if (file === undefined) return
  await writeFile(file, statsLine(probes, totals, allPortsOpen)).catch((error) => {
    throw new Error(`${file} is not written: ${fileTrouble(error)}`, { cause: error })
  })
}

/** What `--stats` writes. `allPortsOpen`: addresses that open whatever they are asked. */
export function statsLine(probes: number, totals: Totals, allPortsOpen: readonly string[] = []): string {
  const { counts, sent, received, milliseconds, loss, recall } = totals
  const seconds = milliseconds / 1000
  return `${JSON.stringify({
    probes,
    sent,
    received,
    seconds: round(seconds, 3),
    pps: seconds > 0 ? Math.round(sent / seconds) : 0,
    lossEstimate: round(loss, 6),
    recallEstimate: round(recall, 6),
    ...counts,
    ...(allPortsOpen.length > 0 ? { allPortsOpen } : {}),
  })}\n`
}

const round = (value: number, digits: number) => Number(value.toFixed(digits))
