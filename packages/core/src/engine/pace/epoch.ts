/** A stretch of time in which packets were sent, and what became of them. */
export interface Epoch {
  id: number
  start: number
  end: number
  /** All packets, and those among them that asked for the first time. */
  sent: number
  asked: number
  /** Answered first tries; all answered tries; tries known to be lost. */
  prompt: number
  answered: number
  lost: number
  rttSum: number
  /** Highest rate allowed while it was open, and the highest at which those of its losses were sent that are older. */
  allowed: number
  blamed: number
}

const NOTHING = { sent: 0, asked: 0, prompt: 0, answered: 0, lost: 0, rttSum: 0, allowed: 0, blamed: 0 }
export const emptyEpoch = (): Epoch => ({ id: -1, start: 0, end: 0, ...NOTHING })

/** Over a millisecond or two a stream looks faster than it is: it never was above what was allowed, but for a little. */
export const measured = ({ sent, start, end, allowed }: Epoch): number =>
  Math.min(allowed * 1.1, (sent * 1000) / Math.max(0.5, end - start))

/** Too little to judge by: what is known of it is judged with the next one. */
export function merge(epoch: Epoch, next: Epoch): void {
  next.start = epoch.start
  for (const key of ['sent', 'asked', 'prompt', 'answered', 'lost', 'rttSum'] as const) next[key] += epoch[key]
  for (const key of ['allowed', 'blamed'] as const) next[key] = Math.max(next[key], epoch[key])
}
