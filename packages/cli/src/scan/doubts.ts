/** Lets open ports wait while their host is suspected of opening everything. */
import { Suspects, type Watched } from '@portolan/core/engine/suspects.ts'
import type { EndpointRecord } from '@portolan/core/format/endpoint-record.ts'

export type Judgement = {
  /** A port as good as any. */
  believe(endpoint: EndpointRecord): void
  /** A port of a host that opens whatever it is asked. */
  disbelieve(endpoint: EndpointRecord): void
}

export class Doubts {
  readonly #suspects: Suspects
  readonly #judgement: Judgement
  readonly #waiting = new Set<Promise<void>>()

  constructor(watched: Watched, judgement: Judgement) {
    this.#suspects = new Suspects(watched)
    this.#judgement = judgement
  }

  /** An open port found at `position` of the scan. */
  take(endpoint: EndpointRecord, position: number): void {
    const verdict = this.#suspects.note(endpoint.ip, position)
    if (verdict === null) this.#judgement.believe(endpoint)
    else {
      const told = verdict.then((guilty) => this.#judgement[guilty ? 'disbelieve' : 'believe'](endpoint))
      this.#waiting.add(told)
      void told.finally(() => this.#waiting.delete(told)).catch(() => {})
    }
  }

  async settled(): Promise<void> {
    await Promise.all(this.#waiting)
  }
}
