/** Whoever reads what is printed: `head` goes when it has seen enough, and Node hears of it only when it writes again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { hasLibc, openLibc } from '@portolan/core/engine/libc.ts'

/** Milliseconds between two looks. */
const LOOK = 1000

/** Waits; false, and early, when nobody reads standard output any more. */
export async function waitForMore(milliseconds: number): Promise<boolean> {
  for (let left = milliseconds; left > 0; left -= LOOK) {
    await sleep(Math.min(left, LOOK))
    if (isGone()) return false
  }
  return true
}

/** poll(2), asked about no event, tells of a broken pipe all the same. Where there is no such call, the next write tells. */
function isGone(): boolean {
  if (!hasLibc) return false
  // struct pollfd: fd i32 | events u16 | revents u16
  const standardOutput = new Uint8Array(Int32Array.of(1, 0).buffer)
  return openLibc().poll(standardOutput, 1, 0) > 0
}
