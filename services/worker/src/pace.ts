/** Probes per second, of the whole scan and to any one address; null: no limit of the user's. */
export type Rates = { readonly rate: number | null; readonly perHostRate: number | null }

/** What the user wants a running shard to keep to; may change while it runs. */
export interface Pace {
  readonly rates: Rates
  /** Aborts when the engine has to begin anew: the rate is another, or limits came or went. */
  readonly changed: AbortSignal
  set(rates: Rates): void
  renew(): void
}

export function createPace(initial: Rates): Pace {
  let rates = initial
  let controller = new AbortController()
  const renew = () => {
    controller.abort()
    controller = new AbortController()
  }
  return {
    get rates() {
      return rates
    },
    get changed() {
      return controller.signal
    },
    set(wanted) {
      const isSame = wanted.rate === rates.rate && wanted.perHostRate === rates.perHostRate
      rates = wanted
      if (!isSame) renew()
    },
    renew,
  }
}
