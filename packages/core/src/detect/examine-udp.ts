/**
 * The examination of a UDP endpoint: the datagram the port scan already brought, then the questions of the port, then
 * all others, a few milliseconds apart and each from a socket of its own. Silence costs one wait, not one a question.
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { complete } from './complete.ts'
import { type Endpoint, type Finding, sessionOptions } from './endpoint.ts'
import { inOrder, UDP_IN_FLIGHT } from './plan.ts'
import { Mishap, type Protocol, type Service } from './protocol.ts'
import { isEcho, recogniseAll } from './recognise.ts'
import { UdpSession } from './session-udp.ts'

/** Milliseconds between questions: a host that answers each must not be flooded. */
const SPACING = 15
/** From here on an identification ends the examination. */
const SURE = 0.9

export async function examineUdp(endpoint: Endpoint): Promise<Finding> {
  return new UdpExamination(endpoint).run()
}

class UdpExamination {
  readonly #endpoint: Endpoint
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  readonly #asked = new Set<Protocol>()
  #service: Service | null = null
  #heard: Uint8Array = new Uint8Array()

  constructor(endpoint: Endpoint) {
    this.#endpoint = endpoint
    this.#signal = AbortSignal.any([this.#stop.signal, endpoint.signal])
  }

  async run(): Promise<Finding> {
    const { target, protocols, limits } = this.#endpoint
    if (target.firstReply !== undefined) await this.#consider(null, null, target.firstReply)
    if (this.#endpoint.listenOnly) return this.#finding
    const ordered = inOrder(protocols, target.port).filter((p) => p.identify !== undefined)
    const hinted = ordered.filter((p) => p.ports.includes(target.port))
    await this.#askAll(hinted, limits.talk)
    const builtIn = ordered.filter((p) => !p.brought).slice(0, hinted.length + limits.questions)
    const brought = ordered.filter((p) => p.brought)
    if (this.#service === null) await this.#askAll([...builtIn, ...brought], limits.answer)
    return this.#finding
  }

  get #finding(): Finding {
    return { service: this.#service, tls: null, heard: this.#heard, wrapped: false }
  }

  async #askAll(protocols: readonly Protocol[], answer: number): Promise<void> {
    const running = new Set<Promise<void>>()
    for (const protocol of protocols) {
      if (this.#signal.aborted) break
      if (this.#asked.has(protocol)) continue
      const run = this.#ask(protocol, answer).finally(() => running.delete(run))
      running.add(run)
      await sleep(SPACING, undefined, { signal: this.#signal }).catch(() => {})
      while (running.size >= UDP_IN_FLIGHT) await Promise.race(running)
    }
    await Promise.all(running)
  }

  async #ask(protocol: Protocol, answer: number): Promise<void> {
    this.#asked.add(protocol)
    const options = sessionOptions(this.#endpoint, { answer, total: answer * 4, signal: this.#signal })
    const session = await UdpSession.dial(options)
    let service: Service | null = null
    try {
      service = (await protocol.identify?.(session, new Uint8Array())) ?? null
      if (service !== null && isEcho(session) && protocol.name !== 'echo-udp') service = null
    } catch (error) {
      if (!(error instanceof Mishap)) throw error
    } finally {
      session.close()
    }
    if (!this.#signal.aborted) await this.#consider(protocol, service, session.heard)
  }

  /** Whoever asked, anybody may know the answer; who knows it asks once more in its own words. */
  async #consider(asker: Protocol | null, service: Service | null, heard: Uint8Array): Promise<void> {
    if (this.#heard.length === 0) this.#heard = heard
    if (service !== null) this.#settle(service, heard)
    const [better] = recogniseAll(heard, this.#endpoint.protocols).filter(
      (r) => r.protocol !== asker && r.service.confidence > (service?.confidence ?? 0),
    )
    if (better === undefined) return
    if (better.protocol.identify && !this.#asked.has(better.protocol))
      await this.#ask(better.protocol, this.#endpoint.limits.talk)
    this.#settle(better.service, heard)
  }

  #settle(service: Service, heard: Uint8Array): void {
    const brought = this.#endpoint.protocols.filter((p) => p.brought)
    if (service.confidence > (this.#service?.confidence ?? -1)) this.#service = complete(service, heard, brought)
    if (service.confidence >= SURE) this.#stop.abort()
  }
}
