import type { ProbeSpace } from '#core/target/probe-space.ts'
import type { ScanTask } from './engine.ts'

/** A task as those see it who only walk its space, and need not be able to make the space again elsewhere. */
export type WalkTask = Omit<ScanTask, 'space'> & { readonly space: Omit<ProbeSpace, 'plan'> }
