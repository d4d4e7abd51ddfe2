/**
 * Asks the kernel to let this thread run soon after it wakes up, for a sender that sleeps between packets: on a busy
 * machine it would otherwise wait its turn for milliseconds, and what a rate allows in that time is lost. A shorter
 * time slice is all it takes (EEVDF, Linux 6.12: `sched_runtime` of SCHED_OTHER); the share of the processor stays the
 * same, no privilege is needed, and where the kernel knows nothing of it nothing happens.
 */
import type { ScanTask } from './engine.ts'
import { hasLibc, openLibc } from './libc.ts'

/** struct sched_attr, version 0: size u32 | policy u32 | flags u64 | nice i32 | priority u32 | runtime u64 | ... */
const SIZE = 48
const POLICY = 4
const RUNTIME = 24
const SCHED_OTHER = 0
/** The shortest the kernel takes, ns. */
const SLICE = 100_000n
/** sched_setattr, sched_getattr: the C library has no names for them everywhere. */
const calls = process.arch === 'x64' ? { set: 314, get: 315 } : { set: 274, get: 275 }

/** Of the calling thread, when `task` names a rate to keep. Returns what gives it its former slice back. */
export function bePrompt({ rate, perHostRate }: Pick<ScanTask, 'rate' | 'perHostRate'>): () => void {
  const attributes = new Uint8Array(SIZE)
  if ((typeof rate !== 'number' && typeof perHostRate !== 'number') || !readAttributes(attributes)) return () => {}
  const view = new DataView(attributes.buffer)
  const before = view.getBigUint64(RUNTIME, true)
  // Somebody who chose another policy knows why.
  if (view.getUint32(POLICY, true) !== SCHED_OTHER || before <= SLICE) return () => {}
  const set = (runtime: bigint) => {
    view.setBigUint64(RUNTIME, runtime, true)
    openLibc().syscall(calls.set, 0, attributes, 0, 0)
  }
  set(SLICE)
  return () => set(before)
}

/** struct sched_attr of the calling thread; false where there is no such thing. */
export function readAttributes(into: Uint8Array): boolean {
  return hasLibc && openLibc().syscall(calls.get, 0, into, SIZE, 0) === 0
}
