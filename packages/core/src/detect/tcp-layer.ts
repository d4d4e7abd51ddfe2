/**
 * The examination of one layer of a TCP endpoint: the bare connection, or the inside of TLS.
 *
 *   1. one connection listens; a greeting somebody recognises ends it
 *   2. meanwhile, after a moment of patience, questions are put on connections of their own: those of the port first,
 *      TLS, then by likelihood, several at a time; every answer is shown to every module, whoever asked
 *   3. a recognised answer narrows: nothing new is asked, the module that knows it talks
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Conversation, converse, type Question, talk } from './conversation.ts'
import { type DialOptions, dialTcp, type Endpoint } from './endpoint.ts'
import {
  ANSWERING,
  AT_ONCE,
  GUESS,
  hinted,
  inOrder,
  isTlsPort,
  LIKELY,
  LONELY,
  PATIENCE_WITH_GREETERS,
  patienceAt,
  QUESTIONS_AFTER_GREETING,
  QUIET,
  STAGGER,
  SURE,
  TLS_SAYS_SO_WITHIN,
  WRAPPED_AFTER,
} from './plan.ts'
import { Mishap, type Protocol, type Service } from './protocol.ts'
import { Reactions } from './reactions.ts'
import { recogniseAll, weight } from './recognise.ts'
import type { TcpSession } from './session.ts'
import { firstHandshake, type Handshake, type InsideTls } from './tls-question.ts'

export class TcpLayer {
  /** The best answer so far. */
  service: Service | null = null
  heard: Uint8Array = new Uint8Array()
  handshake: Handshake | null = null
  wrapped = false
  readonly #endpoint: Endpoint
  readonly #inside: InsideTls | null
  readonly #protocols: readonly Protocol[]
  readonly #hinted: readonly Protocol[]
  readonly #reactions = new Reactions()
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** Modules that talk or have talked, each with the end of its conversation. */
  readonly #asked = new Map<Protocol, Promise<Conversation>>()
  #listener: TcpSession | null = null
  #listening = true
  #listenerClosedAtOnce = false
  #gotGreeting = false
  #gaveUp = false
  #roundTrip = 0
  #tlsSettled: boolean
  #narrowing = 0

  constructor(endpoint: Endpoint, inside: InsideTls | null = null) {
    this.#endpoint = endpoint
    this.#inside = inside
    this.#tlsSettled = inside !== null || endpoint.listenOnly
    this.#signal = AbortSignal.any([this.#stop.signal, endpoint.signal])
    this.#protocols = endpoint.protocols.filter((p) => p.insideTls !== (inside ? 'never' : 'only'))
    this.#hinted = hinted(this.#protocols, endpoint.target.port, inside?.facts.alpn ?? null)
  }

  /** Runs to the end. `greeter`: the connection to listen on, when there is one already. */
  async run(greeter: TcpSession | null = null): Promise<void> {
    const [{ target, limits }, started] = [this.#endpoint, performance.now()]
    const connected = Promise.withResolvers<void>()
    const listening = this.#listen(greeter, connected.resolve)
    await connected.promise
    const patience = patienceAt(target.port, this.#hinted, this.#roundTrip)
    await Promise.race([listening, this.#pause(patience)])
    const asking = new Set<Promise<void>>()
    if (!this.#endpoint.listenOnly) {
      if (patience < PATIENCE_WITH_GREETERS) void this.#pause(LONELY).then(() => this.#giveUpListening())
      await this.#askAll(listening, asking)
      if (!this.#gaveUp) await Promise.all(asking)
    }
    this.#judge()
    // The last answers are waited for while the silent server is listened to once more.
    const unheard = this.service === null && !this.wrapped && !this.#signal.aborted
    const again = unheard && this.#gaveUp && this.heard.length === 0 ? this.#listen(null, () => {}) : listening
    const left = limits.listen - (this.#gaveUp ? 0 : performance.now() - started)
    await Promise.all([...asking, unheard && Promise.race([again, this.#pause(left)])])
    this.#judge()
    this.#stop.abort()
    // The one inside TLS came from the layer below and hears no signal of this one.
    this.#listener?.close()
    await Promise.all([listening, again])
  }

  /** A server with one thread waits for the connection we only listen on: it gets the others to see. */
  #giveUpListening(): void {
    if (!this.#listening || this.heard.length > 0) return
    this.#gaveUp = true
    this.#listener?.close()
  }

  #pause(milliseconds: number): Promise<void> {
    return sleep(Math.max(0, milliseconds), undefined, { signal: this.#signal }).catch(() => {})
  }

  get #over(): boolean {
    if (this.#signal.aborted || this.wrapped || this.handshake?.session) return true
    const { service } = this
    // That it is TLS, a refusal of plain words has told; who is inside, the handshake tells.
    if (this.#saysTls) return this.handshake !== null
    return service !== null && (service.confidence >= SURE || (service.confidence >= LIKELY && this.#tlsSettled))
  }

  get #saysTls(): boolean {
    return this.service?.name === 'ssl' && this.#inside === null
  }

  async #listen(greeter: TcpSession | null, connected: () => void): Promise<void> {
    const [{ limits, signal }, started] = [this.#endpoint, performance.now()]
    this.#listening = true
    try {
      this.#listener =
        greeter ?? (await dialTcp(this.#endpoint, { answer: limits.listen, total: limits.total, signal: this.#signal }))
      this.#roundTrip = this.#listener.roundTrip
      connected()
      const first = await this.#listener.read()
      // Somebody speaks: no question until he has finished.
      this.#narrowing++
      const greeting = Buffer.concat([first, await this.#listener.settle(QUIET + this.#roundTrip)])
      this.#hear(greeting)
      this.#gotGreeting = true
      await this.#greeted(this.#listener, greeting)
      this.#narrowing--
    } catch (error) {
      if (!(error instanceof Mishap)) throw error
      const gone = error.reason === 'closed' || error.reason === 'reset'
      const byThem = this.#listener !== null && this.#listener.ended !== null && !signal.aborted
      this.#listenerClosedAtOnce = gone && byThem && performance.now() - started < AT_ONCE
    } finally {
      this.#listening = false
      this.#listener?.close()
      connected()
    }
  }

  /**
   * The server spoke first: who knows it goes on in the same connection, so one is all it takes. Where several know it
   * (a bare `220 host`), the first whose own question is understood.
   */
  async #greeted(session: TcpSession, greeting: Uint8Array): Promise<void> {
    const known = recogniseAll(greeting, this.#protocols)
    if (known[0]?.protocol.opens === 'client') return this.#follow(known[0].protocol, known[0].service)
    for (const { protocol, service } of known) {
      if (protocol.opens === 'client') continue
      const told = await talk(protocol, session, greeting, this.#inside !== null)
      if (told !== null || service.confidence >= SURE) {
        this.#settle(told ?? service)
        break
      }
    }
    if (this.service === null && known[0] !== undefined) this.#settle(known[0].service)
  }

  /** Puts the questions, until somebody is known or all are put: those `running` then are still unanswered. */
  async #askAll(listening: Promise<void>, running: Set<Promise<void>>): Promise<void> {
    for (const question of this.#inOrder()) {
      let slot = this.#slot(running.size)
      while (!this.#over && (slot === null || this.#narrowing > 0)) {
        slot?.release()
        // Nothing runs and there is no slot: the listening connection has ours, and gives it up.
        if (running.size === 0 && this.#narrowing === 0) this.#giveUpListening()
        await Promise.race(running.size === 0 || this.#listening ? [...running, listening] : running)
        slot = this.#slot(running.size)
      }
      if (this.#over || slot === null) {
        slot?.release()
        break
      }
      let answers = false
      const run = this.#run(question, () => (answers = true)).finally(() => {
        slot.release()
        running.delete(run)
      })
      running.add(run)
      // One at a time as long as answers come at once: most endpoints are known after the first.
      await Promise.race([run, this.#pause(STAGGER + 2 * this.#roundTrip)])
      if (answers) await Promise.race([run, this.#pause(ANSWERING)])
    }
  }

  /** Ours while nobody listens, else a further one if the host has one to spare. */
  #slot(running: number): { release(): void } | null {
    const { slots, target, limits } = this.#endpoint
    const most = this.heard.length === 0 ? this.#reactions.connections(limits) : limits.inFlight
    if (running >= most - (this.#listening ? 1 : 0)) return null
    if (!this.#listening && running === 0) return { release: () => {} }
    return slots.tryTake(target.address)
  }

  *#inOrder(): Generator<Question> {
    const { target, limits } = this.#endpoint
    const ordered = inOrder(this.#protocols, target.port).filter((p) => p.opens === 'client' && p.identify)
    const first = ordered.filter((p) => this.#hinted.includes(p))
    const tls: Question[] = this.#inside === null ? [(dial) => this.#tryTls(dial)] : []
    if (isTlsPort(target.port)) yield* tls.splice(0)
    for (const protocol of first) {
      yield this.#ask.bind(this, protocol)
      if (this.#saysTls) yield* tls.splice(0)
    }
    const rest = ordered.filter((p) => !first.includes(p))
    const limit = this.#gotGreeting ? QUESTIONS_AFTER_GREETING : limits.questions
    for (const [i, protocol] of rest.slice(0, limit).entries()) {
      if (!this.#asked.has(protocol)) yield this.#ask.bind(this, protocol)
      if (i === 0 || this.#saysTls) yield* tls.splice(0)
    }
  }

  async #run(question: Question, onHeard: () => void): Promise<void> {
    const wait = this.#reactions.wait(this.#endpoint.limits) + 4 * this.#roundTrip
    await question({ answer: wait, silence: wait, total: wait * 6, signal: this.#signal, onHeard })
    this.#stopIfOver()
  }

  #stopIfOver(): void {
    if (this.#over) this.#stop.abort()
  }

  async #tryTls(dial: DialOptions): Promise<void> {
    const settled = setTimeout(() => this.#tlsIsSettled(), TLS_SAYS_SO_WITHIN + 4 * this.#roundTrip)
    this.handshake = await firstHandshake(this.#endpoint, dial)
    clearTimeout(settled)
    if (this.handshake.alert !== null) this.#hear(Buffer.from(this.handshake.alert))
    this.#tlsIsSettled()
  }

  #tlsIsSettled(): void {
    this.#tlsSettled = true
    this.#stopIfOver()
  }

  async #ask(protocol: Protocol, dial: DialOptions): Promise<void> {
    const wait = Math.max(dial.answer, protocol.patience ?? 0)
    const patient = { ...dial, answer: wait, silence: wait, total: Math.max(dial.total, wait * 2) }
    const { service, heard, echoed } = await this.#converse(protocol, patient)
    if (this.#signal.aborted) return
    // Nothing but our own words: the echo module decides, before anybody takes them for an answer.
    const echo = this.#protocols.find((p) => p.name === 'echo')
    if (echoed && echo !== undefined && echo !== protocol) await this.#follow(echo, null)
    // Whoever asked, anybody may know the answer, and better than the one who asked.
    const others = recogniseAll(heard, this.#protocols, protocol)
    const better = others.find((r) => r.service.confidence > (service?.confidence ?? 0))
    if (better !== undefined) await this.#follow(better.protocol, better.service)
    if (service !== null) this.#settle(service)
  }

  #converse(protocol: Protocol, dial: DialOptions): Promise<Conversation> {
    const conversation = converse(this.#endpoint, protocol, dial, this.#inside).then((told) => {
      if (this.#signal.aborted) return told
      this.#hear(told.heard)
      this.#reactions.note(told)
      // The first connects of a scan compete with each other; the shortest is the distance.
      this.#roundTrip = Math.min(this.#roundTrip, told.roundTrip ?? this.#roundTrip)
      if (this.#reactions.asked >= WRAPPED_AFTER) this.#judge()
      return told
    })
    this.#asked.set(protocol, conversation)
    return conversation
  }

  /** Narrowing: the module that recognised an answer to somebody else's question puts its own, with time to answer. */
  async #follow(protocol: Protocol, service: Service | null): Promise<void> {
    const { limits } = this.#endpoint
    this.#narrowing++
    const dial = { answer: limits.talk, total: limits.talk * 2, signal: this.#signal }
    let told = await this.#asked.get(protocol)
    const asks = protocol.identify !== undefined && protocol.opens === 'client'
    if (asks && !told?.service && !told?.heard.length) told = await this.#converse(protocol, dial)
    this.#narrowing--
    if (told?.service) this.#settle(told.service)
    // Its own question in vain: what it recognised in somebody else's answer is a guess.
    const confidence = told && !told.service ? GUESS : (service?.confidence ?? 0)
    if (service !== null) this.#settle({ ...service, confidence: Math.min(service.confidence, confidence) })
  }

  #settle(service: Service): void {
    // Who hangs up on whoever connects, and never said a word, is nobody: modules may read much into a pause.
    if (this.#listenerClosedAtOnce && this.heard.length === 0) return
    if (this.service === null || weight(service) > weight(this.service)) this.service = service
    this.#stopIfOver()
  }

  #hear(bytes: Uint8Array): void {
    if (this.heard.length === 0) this.heard = bytes
  }

  #judge(): void {
    this.wrapped = this.#listenerClosedAtOnce && this.heard.length === 0 && this.#reactions.allClosedAtOnce
  }
}
