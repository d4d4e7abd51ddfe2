/** Asking TCP and UDP ports whether anybody is there: any answer of the host itself will do, a refusal included. */
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { Verdict } from './errno.ts'
import type { Alive, PingWay, Stuck } from './ping-way.ts'
import type { ProbeId, Prober } from './prober.ts'

export class PortWay implements PingWay {
  readonly fd: number
  readonly #prober: Prober
  readonly #port: number

  /** Takes the prober over. */
  constructor(port: number, prober: Prober & { readonly fd?: number }) {
    this.#port = port
    this.#prober = prober
    this.fd = prober.fd ?? -1
  }

  get invalid(): number {
    return this.#prober.invalid
  }

  suits(): boolean {
    return true
  }

  send(target: Readonly<ProbeTarget>, probe: ProbeId, now: number): Verdict | null {
    return this.#prober.send({ ...target, port: this.#port }, probe, now)
  }

  flush(): void {
    this.#prober.flush?.()
  }

  collect(now: number, alive: Alive, stuck: Stuck): void {
    this.#prober.collect(now, (slot, verdict, rtt, from) => {
      if (verdict.kind === 'local') stuck(slot, verdict)
      // What somebody else says, a router or our own kernel, speaks of a host that does not answer.
      if (verdict.kind === 'state' && from === undefined) alive(slot, verdict.reason, rtt)
    })
  }

  abandon(slot: number): void {
    this.#prober.abandon(slot)
  }

  close(): void {
    this.#prober.close()
  }
}
