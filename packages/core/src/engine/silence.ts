/** A probe nobody has answered, and what may be done about it. */
export interface SilentProbe {
  readonly position: number
  /** The cell that stands for its host. */
  readonly host: number
  readonly tries: number
  /** It has been resting since its last try fell silent. */
  readonly rested: boolean
}

/** Ask again now; look again in `rest` ms, it is another probe's turn; or believe the silence. */
export type Decision = 'ask' | 'believe' | { readonly rest: number }

export type Patience = (probe: SilentProbe, now: number) => Decision
