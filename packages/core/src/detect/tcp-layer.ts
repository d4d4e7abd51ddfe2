/**
 * The examination of one layer of a TCP endpoint: the bare connection, or the inside of TLS.
 *
 *   1. one connection listens; a greeting somebody recognises ends it
 *   2. meanwhile, after a moment of patience, questions are put on connections of their own: those of the port first,
 *      TLS, then by likelihood, several at a time; every answer is shown to every module, whoever asked
 *   3. a recognised answer narrows: nothing new is asked, the module that knows it talks
 *   4. a server that refuses a connection after it has accepted one is asked on, one connection at a time
 */
import { setTimeout as sleep } from 'node:timers/promises'
import { type Conversation, converse, talk } from './conversation.ts'
import type { DialOptions, Endpoint } from './endpoint.ts'
import { Impression } from './impression.ts'
import { Listener } from './listener.ts'
import {
  ANSWERING,
  GUESS,
  hinted,
  isTlsPort,
  LONELY,
  PATIENCE_WITH_GREETERS,
  patienceAt,
  RECOVERIES,
  STAGGER,
  SURE,
  TLS_SAYS_SO_WITHIN,
  WRAPPED_AFTER,
} from './plan.ts'
import type { Protocol, Service } from './protocol.ts'
import { type Question, QuestionOrder } from './question-order.ts'
import { Reactions } from './reactions.ts'
import { recogniseAll } from './recognise.ts'
import type { TcpSession } from './session.ts'
import { firstHandshake, type InsideTls } from './tls-question.ts'

export class TcpLayer {
  readonly found: Impression
  readonly #endpoint: Endpoint
  readonly #inside: InsideTls | null
  readonly #protocols: readonly Protocol[]
  readonly #hinted: readonly Protocol[]
  readonly #reactions = new Reactions()
  readonly #stop = new AbortController()
  readonly #signal: AbortSignal
  /** Modules that talk or have talked, each with the end of its conversation. */
  readonly #asked = new Map<Protocol, Promise<Conversation>>()
  readonly #order: QuestionOrder
  readonly #listener: Listener
  readonly #running = new Set<Promise<void>>()
  #gotGreeting = false
  #roundTrip = 0
  #narrowing = 0

  constructor(endpoint: Endpoint, inside: InsideTls | null = null) {
    this.#endpoint = endpoint
    this.#inside = inside
    this.found = new Impression(inside !== null, endpoint)
    this.#signal = AbortSignal.any([this.#stop.signal, endpoint.signal])
    this.#protocols = endpoint.protocols.filter((p) => p.insideTls !== (inside ? 'never' : 'only'))
    this.#hinted = hinted(this.#protocols, endpoint.target.port, inside?.facts ?? null)
    this.#order = new QuestionOrder(endpoint, this.#protocols, this.#hinted, inside === null)
    this.#listener = new Listener(endpoint, this.#signal)
  }

  /** Runs to the end. `greeter`: the connection to listen on, when there is one already. */
  async run(greeter: TcpSession | null = null): Promise<void> {
    const [{ target, limits }, started] = [this.#endpoint, performance.now()]
    const connected = Promise.withResolvers<void>()
    const listening = this.#listen(greeter, connected.resolve)
    await connected.promise
    const tlsPort = isTlsPort(target.port, this.#protocols)
    const patience = patienceAt(tlsPort, this.#hinted, this.#roundTrip)
    await Promise.race([listening, this.#pause(patience)])
    if (!this.#endpoint.listenOnly) {
      if (patience < PATIENCE_WITH_GREETERS) void this.#pause(LONELY).then(() => this.#listener.giveWay())
      await this.#askAll(listening)
      if (!this.#listener.gaveUp) await Promise.all(this.#running)
    }
    this.#judge()
    // The last answers are waited for while the silent server is listened to once more.
    const unheard = this.found.service === null && !this.found.wrapped && !this.#signal.aborted
    const { gaveUp } = this.#listener
    const again = unheard && gaveUp && this.found.heard.length === 0 ? this.#listen(null, () => {}) : listening
    const left = limits.listen - (gaveUp ? 0 : performance.now() - started)
    await Promise.all([...this.#running, unheard && Promise.race([again, this.#pause(left)])])
    this.#judge()
    this.#stop.abort()
    // The one inside TLS came from the layer below and hears no signal of this one.
    this.#listener.close()
    await Promise.all([listening, again])
  }

  #pause(milliseconds: number): Promise<void> {
    return sleep(Math.max(0, milliseconds), undefined, { signal: this.#signal }).catch(() => {})
  }

  get #over(): boolean {
    return this.#signal.aborted || this.#reactions.gone || this.found.complete
  }

  #listen(greeter: TcpSession | null, connected: () => void): Promise<void> {
    return this.#listener.listen(greeter, {
      connected: () => {
        this.#roundTrip = this.#listener.roundTrip
        connected()
      },
      // No question until he has finished.
      speaks: () => this.#narrowing++,
      greets: async (session, greeting) => {
        this.found.hear(greeting)
        this.#gotGreeting = true
        await this.#greeted(session, greeting)
        this.#narrowing--
      },
    })
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
    if (this.found.service === null && known[0] !== undefined) this.#settle(known[0].service)
  }

  /** Puts the questions, until somebody is known or all are put: those running then are still unanswered. */
  async #askAll(listening: Promise<void>): Promise<void> {
    const running = this.#running
    while (!this.#over) {
      const question = this.#nextQuestion()
      if (question === null) {
        // Who is still to answer may have to be asked again, for want of room.
        if (!this.#reactions.crowded || running.size === 0) return
        await Promise.race(running)
        continue
      }
      const alone = this.#reactions.crowded || this.#order.cameBack(question)
      const slot = await this.#turn(listening, alone)
      if (slot === null) return
      let answers = false
      const run = this.#run(question, alone, () => (answers = true)).finally(() => {
        slot.release()
        running.delete(run)
      })
      running.add(run)
      // One at a time as long as answers come at once: most endpoints are known after the first.
      await Promise.race([run, this.#pause(STAGGER + 2 * this.#roundTrip)])
      if (answers) await Promise.race([run, this.#pause(ANSWERING)])
    }
  }

  #nextQuestion(): Question | null {
    const [{ saysTls, suspected }, { hungUp }] = [this.found, this.#reactions]
    const asked = (protocol: Protocol) => this.#asked.has(protocol)
    return this.#order.next({ greeted: this.#gotGreeting, saysTls, suspected, hungUp, asked })
  }

  /** Waits for a connection to ask on; null when there is nothing to ask any more. */
  async #turn(listening: Promise<void>, alone: boolean): Promise<{ release(): void } | null> {
    const running = this.#running
    let slot = this.#slot(alone)
    while (!this.#over && (slot === null || this.#narrowing > 0)) {
      slot?.release()
      // Nothing runs and there is no slot: the listening connection has ours, and gives it up.
      if (running.size === 0 && this.#narrowing === 0) this.#listener.giveWay()
      await Promise.race(running.size === 0 || this.#listener.listening ? [...running, listening] : running)
      slot = this.#slot(alone)
    }
    if (!this.#over) return slot
    slot?.release()
    return null
  }

  /** Ours while nobody listens, else a further one if the host has one to spare. */
  #slot(alone: boolean): { release(): void } | null {
    const { slots, target, limits } = this.#endpoint
    const { size } = this.#running
    const { listening } = this.#listener
    const most = alone ? 1 : this.found.heard.length > 0 ? limits.inFlight : this.#reactions.connections(limits)
    if (size >= most - (listening ? 1 : 0)) return null
    if (!listening && size === 0) return { release: () => {} }
    return slots.tryTake(target.address)
  }

  async #run(question: Question, alone: boolean, onHeard: () => void): Promise<void> {
    if (alone) await this.#pause(this.#reactions.recovery)
    const wait = this.#reactions.wait(this.#endpoint.limits) + 4 * this.#roundTrip
    const dial = { answer: wait, silence: wait, total: wait * 6, signal: this.#signal, onHeard }
    const turnedAway = question === 'tls' ? await this.#tryTls(dial) : await this.#ask(question, dial)
    if (turnedAway) {
      this.#reactions.noteRefusal(alone, this.#inside !== null)
      this.#order.putBack(question)
      this.#listener.giveWay()
    } else if (alone) this.#reactions.noteAdmission()
    this.#stopIfOver()
  }

  #stopIfOver(): void {
    if (this.#over) this.#stop.abort()
  }

  /** True when there was no connection to be had. */
  async #tryTls(dial: DialOptions): Promise<boolean> {
    const settled = setTimeout(() => this.#tlsIsSettled(), TLS_SAYS_SO_WITHIN + 4 * this.#roundTrip)
    const handshake = await firstHandshake(this.#endpoint, dial)
    clearTimeout(settled)
    if (handshake.turnedAway && !this.#signal.aborted) return true
    this.found.handshake = handshake
    if (handshake.alert !== null) this.found.hear(Buffer.from(handshake.alert))
    this.#tlsIsSettled()
    return false
  }

  #tlsIsSettled(): void {
    this.found.tlsSettled = true
    this.#stopIfOver()
  }

  /** True when there was no connection to be had. */
  async #ask(protocol: Protocol, dial: DialOptions): Promise<boolean> {
    const wait = Math.max(dial.answer, protocol.patience ?? 0)
    const patient = { ...dial, answer: wait, silence: wait, total: Math.max(dial.total, wait * 2) }
    const told = await this.#converse(protocol, patient)
    if (this.#signal.aborted) return false
    if (told.refused) return true
    const { service, heard, echoed } = told
    // Devices with room for one hang up on the second: who is at home here is asked again, alone.
    const beside = this.#listener.listening || this.#running.size > 1
    if (told.mute && beside && this.#hinted.includes(protocol) && !this.#order.cameBack(protocol))
      this.#order.putBack(protocol)
    // Nothing but our own words: the echo module decides, before anybody takes them for an answer.
    const echo = this.#protocols.find((p) => p.name === 'echo')
    if (echoed && echo !== undefined && echo !== protocol) await this.#follow(echo, null)
    // Whoever asked, anybody may know the answer, and better than the one who asked.
    const others = recogniseAll(heard, this.#protocols, protocol)
    const better = others.find((r) => r.service.confidence > (service?.confidence ?? 0))
    if (better !== undefined) await this.#follow(better.protocol, better.service)
    if (service !== null) this.#settle(service)
    return false
  }

  #converse(protocol: Protocol, dial: DialOptions): Promise<Conversation> {
    const conversation = converse(this.#endpoint, protocol, dial, this.#inside).then((told) => {
      if (this.#signal.aborted) return told
      if (told.refused) {
        this.#asked.delete(protocol)
        return told
      }
      this.found.hear(told.heard)
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
    for (const pause of RECOVERIES) {
      if (!told?.refused) break
      await this.#pause(pause)
      told = await this.#converse(protocol, dial)
    }
    this.#narrowing--
    if (told?.service) this.#settle(told.service)
    // Its own question in vain: what it recognised in somebody else's answer is a guess.
    const confidence = told && !told.service ? GUESS : (service?.confidence ?? 0)
    if (service !== null) this.#settle({ ...service, confidence: Math.min(service.confidence, confidence) })
  }

  #settle(service: Service): void {
    // Who hangs up on whoever connects, and never said a word, is nobody: modules may read much into a pause.
    if (this.#listener.closedAtOnce && this.found.heard.length === 0) return
    this.found.settle(service)
    this.#stopIfOver()
  }

  #judge(): void {
    this.found.wrapped = this.#listener.closedAtOnce && this.found.heard.length === 0 && this.#reactions.allClosedAtOnce
  }
}
