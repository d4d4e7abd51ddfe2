/** Probes per second, of the whole scan and to any one address; null: no limit of the user's. */
export type Rates = { readonly rate: number | null; readonly perHostRate: number | null }

/** What the user wants a running shard to keep to; may change while it runs. */
export interface Pace {
  readonly rates: Rates
  /** Aborts when the rates are no longer these. */
  readonly changed: AbortSignal
  set(rates: Rates): void
}

export function createPace(initial: Rates): Pace {
  let rates = initial
  let controller = new AbortController()
  return {
    get rates() {
      return rates
    },
    get changed() {
      return controller.signal
    },
    set(wanted) {
      if (wanted.rate === rates.rate && wanted.perHostRate === rates.perHostRate) return
      rates = wanted
      controller.abort()
      controller = new AbortController()
    },
  }
}
