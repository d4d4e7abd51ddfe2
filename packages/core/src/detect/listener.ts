/** The connection that only listens: it hears who speaks first, and gives way where a server wants nobody idle. */
import { dialTcp, type Endpoint } from './endpoint.ts'
import { AT_ONCE, QUIET } from './plan.ts'
import { Mishap } from './protocol.ts'
import type { TcpSession } from './session.ts'

export interface Hearing {
  /** The connection stands, or there will be none. */
  connected(): void
  /** The first bytes have come. */
  speaks(): void
  /** The greeting is complete; the session is closed when this ends. */
  greets(session: TcpSession, greeting: Uint8Array): Promise<void>
}

export class Listener {
  listening = true
  /** Closed by the other side within a moment, without a word. */
  closedAtOnce = false
  gaveUp = false
  /** Milliseconds the connect took. */
  roundTrip = 0
  readonly #endpoint: Endpoint
  readonly #signal: AbortSignal
  #session: TcpSession | null = null

  constructor(endpoint: Endpoint, signal: AbortSignal) {
    this.#endpoint = endpoint
    this.#signal = signal
  }

  /** Listens to the end of the greeting, or of the patience. `open`: the connection, when there is one already. */
  async listen(open: TcpSession | null, hearing: Hearing): Promise<void> {
    const [{ limits, signal }, started] = [this.#endpoint, performance.now()]
    this.listening = true
    try {
      const dial = { answer: limits.listen, total: limits.total, signal: this.#signal }
      this.#session = open ?? (await dialTcp(this.#endpoint, dial))
      this.roundTrip = this.#session.roundTrip
      hearing.connected()
      const first = await this.#session.read()
      hearing.speaks()
      await hearing.greets(this.#session, Buffer.concat([first, await this.#session.settle(QUIET + this.roundTrip)]))
    } catch (error) {
      if (!(error instanceof Mishap)) throw error
      const gone = ['closed', 'reset', 'tls-failed'].includes(error.reason)
      // Who refuses a connection resets no connection: one that is reset as it is made was accepted, and closed.
      const ended = this.#session === null ? error.reason === 'reset' : this.#session.ended !== null
      const byThem = ended && !signal.aborted
      this.closedAtOnce = gone && byThem && performance.now() - started < AT_ONCE
    } finally {
      this.listening = false
      this.close()
      hearing.connected()
    }
  }

  /** A server with one thread waits for the connection we only listen on: it gets the others to see. */
  giveWay(): void {
    if (!this.listening || (this.#session?.heard.length ?? 0) > 0) return
    this.gaveUp = true
    this.close()
  }

  close(): void {
    this.#session?.close()
  }
}
