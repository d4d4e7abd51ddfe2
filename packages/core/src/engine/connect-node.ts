/** TCP connects through node:net, for systems without epoll. Slower, and only errno names tell what happened. */
import { connect, type Socket } from 'node:net'
import { setImmediate, setTimeout } from 'node:timers/promises'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { SocketOrigin } from './bound-socket.ts'
import { whatBars } from './connect-to-ask.ts'
import { sendVerdictOfName, type Verdict, verdictOfName } from './errno.ts'
import type { ProbeId, Prober, Report } from './prober.ts'
import { formatTarget } from './sockaddr.ts'

const OPEN: Verdict = { kind: 'state', state: 'open', reason: 'conn-accept' }
const CLOSED: Verdict = { kind: 'state', state: 'closed', reason: 'conn-refused' }

/** How long what was heard of a route holds, ms. */
const ROUTE_HOLDS = 1000

type Outcome = { readonly slot: number; readonly verdict: Verdict; readonly since: number }

export interface NodeProberOptions {
  /** Most sockets at once. */
  readonly sockets: number
  readonly origin: SocketOrigin
}

export class NodeProber implements Prober {
  readonly invalid = 0
  readonly certain = false
  readonly #options: NodeProberOptions
  readonly #sockets = new Map<number, Socket>()
  #outcomes: Outcome[] = []
  #local: string | null = null
  #wake: () => void = () => {}
  /** When the kernel was last heard to know a way to whom it was asked about. */
  #routedAt = Number.NEGATIVE_INFINITY

  constructor(options: NodeProberOptions) {
    this.#options = options
  }

  get room(): number {
    return this.#options.sockets - this.#sockets.size
  }

  send(target: Readonly<ProbeTarget>, { slot }: ProbeId, now: number): Verdict | null {
    const { origin } = this.#options
    const from = origin.address?.family === target.family ? { localAddress: formatTarget(origin.address) } : {}
    const socket = connect({
      host: formatTarget(target),
      port: target.port,
      family: target.family,
      autoSelectFamily: false,
      ...from,
    })
    this.#sockets.set(slot, socket)
    socket.once('connect', () => this.#settle(slot, socket, now, this.#accepted(socket)))
    // What fails within these turns has failed inside connect(): no packet has left.
    let left = false
    const afterTurns = (turns: number): void => {
      if (turns > 0) process.nextTick(afterTurns, turns - 1)
      else left = true
    }
    afterTurns(3)
    socket.once('error', (error: NodeJS.ErrnoException) =>
      this.#settle(slot, socket, now, this.#failed(error.code ?? '', left)),
    )
    return null
  }

  // A port nobody listens on can be met by the very socket that asks, when its own source port is that port.
  #accepted(socket: Socket): Verdict {
    this.#local = socket.localAddress ?? this.#local
    const self = socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress
    return self ? CLOSED : OPEN
  }

  #failed(code: string, left: boolean): Verdict {
    if (code === 'EADDRNOTAVAIL' && this.#options.origin.address !== null)
      return { kind: 'local', remedy: 'fatal', code }
    return left ? verdictOfName(code) : sendVerdictOfName(code)
  }

  #settle(slot: number, socket: Socket, since: number, verdict: Verdict): void {
    // Anything a socket says after it has been given up belongs to nobody.
    if (this.#sockets.get(slot) !== socket) return
    this.#sockets.delete(slot)
    this.#discard(socket)
    this.#outcomes.push({ slot, verdict, since })
    this.#wake()
  }

  #discard(socket: Socket): void {
    socket.on('error', () => {})
    socket.resetAndDestroy()
  }

  collect(now: number, report: Report): number {
    const outcomes = this.#outcomes
    this.#outcomes = []
    for (const { slot, verdict, since } of outcomes) report(slot, verdict, Math.max(0, now - since))
    return outcomes.length
  }

  abandon(slot: number): void {
    const socket = this.#sockets.get(slot)
    if (!socket) return
    this.#sockets.delete(slot)
    this.#discard(socket)
  }

  // Timers are coarse: the last bit before a probe is due passes in turns of the event loop.
  async wait(ms: number): Promise<void> {
    if (this.#outcomes.length > 0 || ms < 2) return setImmediate()
    const woken = new AbortController()
    this.#wake = () => woken.abort()
    await setTimeout(Math.min(ms - 1.5, 1000), null, { signal: woken.signal }).catch(() => {})
    this.#wake = () => {}
  }

  wake(): void {
    this.#wake()
  }

  /** Node tells later: this is the answer before. */
  isRouted(target: Readonly<ProbeTarget>): boolean {
    void whatBars(formatTarget(target)).then((error) => {
      this.#routedAt = error === null ? performance.now() : Number.NEGATIVE_INFINITY
    })
    return performance.now() - this.#routedAt < ROUTE_HOLDS
  }

  localAddress(): string | null {
    return this.#local
  }

  close(): void {
    for (const slot of [...this.#sockets.keys()]) this.abandon(slot)
  }
}
