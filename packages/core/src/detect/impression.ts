/** What one layer of an endpoint seems to be, as far as its examination has come. */
import { complete } from './complete.ts'
import type { Endpoint } from './endpoint.ts'
import { LIKELY, SURE } from './plan.ts'
import type { Protocol, Service } from './protocol.ts'
import { weight } from './recognise.ts'
import type { Handshake } from './tls-question.ts'

export class Impression {
  /** The best answer so far. */
  service: Service | null = null
  /** The first bytes that came, on whatever connection. */
  heard: Uint8Array = new Uint8Array()
  handshake: Handshake | null = null
  /** Every connection was closed on us without a byte. */
  wrapped = false
  /** The handshake is over, or takes so long that nobody waits for it. */
  tlsSettled: boolean
  readonly #inside: boolean
  readonly #brought: readonly Protocol[]

  /** `inside`: TLS surrounds this layer, and is no answer any more; else it is asked for, unless nothing is. */
  constructor(inside: boolean, { listenOnly, protocols }: Pick<Endpoint, 'listenOnly' | 'protocols'>) {
    this.#inside = inside
    this.#brought = protocols.filter((protocol) => protocol.brought)
    this.tlsSettled = inside || listenOnly
  }

  hear(bytes: Uint8Array): void {
    if (this.heard.length === 0) this.heard = bytes
  }

  settle(service: Service): void {
    if (this.service !== null && weight(service) <= weight(this.service)) return
    this.service = complete(service, this.heard, this.#brought)
  }

  get saysTls(): boolean {
    return this.service?.name === 'ssl' && !this.#inside
  }

  /** Nothing more has to be asked. */
  get complete(): boolean {
    const { service } = this
    if (this.wrapped || this.handshake?.session) return true
    // That it is TLS, a refusal of plain words has told; who is inside, the handshake tells.
    if (this.saysTls) return this.handshake !== null
    return service !== null && (service.confidence >= SURE || (service.confidence >= LIKELY && this.tlsSettled))
  }

  /** Name of the service that is guessed at, null when there is no guess. */
  get suspected(): string | null {
    return this.service !== null && this.service.confidence < LIKELY ? this.service.name : null
  }
}
