/**
 * The live TCP session: owns the socket, the deadline and the byte budget. Everything it can do wrong is a Mishap; what
 * goes wrong on this machine (no file descriptors, no ports) is retried, then thrown as what it is.
 */
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type ClientIdentity, Mishap, type MishapReason, type Session, type TlsFacts } from './protocol.ts'
import { isLocal, reasonOf } from './socket-error.ts'
import { handshake, type TlsOffer, type TlsProfile, tlsFacts } from './tls.ts'

export interface SessionOptions {
  readonly address: string
  readonly port: number
  readonly hostname: string | null
  readonly client: ClientIdentity
  readonly token: number
  /** Milliseconds: to connect; to wait for an answer; for the whole session, reopened or not. */
  readonly connectTimeout: number
  readonly answerTimeout: number
  /** Milliseconds after which a session that has heard nothing at all is over, whatever it still meant to ask. */
  readonly silenceTimeout?: number
  /** Milliseconds for a TLS handshake; default: twice the wait for an answer. */
  readonly handshakeTimeout?: number
  readonly totalTimeout: number
  /** Bytes accepted in all. An honest answer that matters fits in 256 KiB. */
  readonly byteBudget?: number
  readonly signal?: AbortSignal
  /** Encrypts at once, and again after `reopen`. */
  readonly tls?: Omit<TlsOffer, 'timeout' | 'sni'>
  /** Called with the first bytes the other side sends. */
  readonly onHeard?: () => void
}

const BYTE_BUDGET = 262_144
/** How much of what was received is kept for the other recognisers and as evidence. */
const HEARD_CAP = 16_384

export class TcpSession implements Session {
  readonly transport = 'tcp'
  /** Milliseconds the last connect took: the distance to the other side. */
  roundTrip = 0
  /** Facts of the last handshake. */
  tlsFacts: TlsFacts | null = null
  /** How the other side ended the connection, null while it has not; our own `close` does not count. */
  ended: MishapReason | null = null
  /** The first bytes the other side sent on this session, inside TLS once there is TLS. */
  heard: Uint8Array = new Uint8Array()
  /** What we said, as much of it. */
  said: Uint8Array = new Uint8Array()
  readonly #options: SessionOptions
  readonly #deadline: number
  #silentUntil = Number.POSITIVE_INFINITY
  #budget: number
  #socket: Socket | null = null
  #chunks: Uint8Array[] = []
  #length = 0
  #wake: () => void = () => {}

  private constructor(options: SessionOptions) {
    this.#options = options
    this.#deadline = performance.now() + options.totalTimeout
    this.#budget = options.byteBudget ?? BYTE_BUDGET
  }

  /** Connects, and encrypts when the options say so. Throws Mishap when that fails. */
  static async dial(options: SessionOptions): Promise<TcpSession> {
    const session = new TcpSession(options)
    await session.#open()
    return session
  }

  get token(): number {
    return this.#options.token
  }

  get port(): number {
    return this.#options.port
  }

  get address(): string {
    return this.#options.address
  }

  get hostname(): string | null {
    return this.#options.hostname
  }

  get client(): ClientIdentity {
    return this.#options.client
  }

  get tls(): boolean {
    return this.tlsFacts !== null
  }

  /** Milliseconds left, at most `limit`. */
  #left(limit: number): number {
    const deadline = this.heard.length === 0 ? Math.min(this.#deadline, this.#silentUntil) : this.#deadline
    return Math.max(0, Math.min(limit, deadline - performance.now()))
  }

  async #open(): Promise<void> {
    const { connectTimeout, tls } = this.#options
    for (let pause = 50; ; pause *= 2) {
      const started = performance.now()
      const error = await this.#connect(this.#left(connectTimeout))
      if (error === null) {
        this.roundTrip = performance.now() - started
        break
      }
      if (!isLocal(error)) throw new Mishap(reasonOf(error, 'unreachable'), new Uint8Array(), { cause: error })
      // Our own shortage: others will close their sockets. When nobody does, it is not the endpoint's fault.
      if (this.#left(pause) < pause) throw error
      await sleep(pause)
    }
    if (tls !== undefined) await this.#encrypt(tls)
    const { silenceTimeout } = this.#options
    if (this.heard.length === 0 && silenceTimeout !== undefined && this.#silentUntil === Number.POSITIVE_INFINITY)
      this.#silentUntil = performance.now() + silenceTimeout
  }

  #connect(timeout: number): Promise<Error | null> {
    const { address, port, signal } = this.#options
    return new Promise((resolve) => {
      const socket = connect({ host: address, port, autoSelectFamily: false, noDelay: true })
      const settle = (error: Error | null) => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', abort)
        if (error !== null) socket.destroy()
        resolve(error)
      }
      const give = (code: string) => settle(Object.assign(new Error('connect gave up'), { code }))
      const abort = () => give('ECONNABORTED')
      const timer = setTimeout(give, timeout, 'ETIMEDOUT')
      if (signal?.aborted) return abort()
      signal?.addEventListener('abort', abort, { once: true })
      socket.once('error', settle)
      socket.once('connect', () => {
        socket.off('error', settle)
        this.#listen(socket)
        settle(null)
      })
    })
  }

  #listen(socket: Socket): void {
    this.#socket = socket
    this.ended = null
    const end = (reason: MishapReason) => {
      if (this.#socket !== socket) return
      this.ended ??= reason
      this.#wake()
    }
    socket.on('data', (chunk: Uint8Array) => {
      if (this.#socket !== socket) return
      this.#budget -= chunk.length
      this.#chunks.push(chunk)
      this.#length += chunk.length
      if (this.heard.length === 0) this.#options.onHeard?.()
      const room = HEARD_CAP - this.heard.length
      if (room > 0) this.heard = Buffer.concat([this.heard, chunk.subarray(0, room)])
      if (this.#budget >= 0) return this.#wake()
      end('budget')
      socket.destroy()
    })
    socket.on('end', () => end('closed'))
    socket.on('close', () => end('closed'))
    socket.on('error', (error) => end(reasonOf(error, 'reset')))
    const { signal } = this.#options
    const abort = () => socket.destroy()
    signal?.addEventListener('abort', abort, { once: true })
    socket.once('close', () => signal?.removeEventListener('abort', abort))
  }

  async #encrypt(offer: Omit<TlsOffer, 'timeout' | 'sni'>): Promise<void> {
    const raw = this.#socket
    if (raw === null || this.ended !== null) throw new Mishap(this.ended ?? 'closed', this.#take())
    // What came before the handshake is not part of it: keeping it would let a man in the middle speak as the server.
    this.#take()
    this.#socket = null
    raw.removeAllListeners('data').removeAllListeners('end').removeAllListeners('error').pause()
    raw.on('error', () => {})
    const sni = offer.profile === 'nameless' ? null : this.#options.hostname
    const timeout = this.#left(this.#options.handshakeTimeout ?? this.#options.answerTimeout * 2)
    try {
      const stream = await handshake(raw, { ...offer, sni, timeout })
      this.#listen(stream)
      this.tlsFacts = tlsFacts(stream, sni, new Date())
    } catch (error) {
      raw.destroy()
      this.ended = 'tls-failed'
      throw error
    }
  }

  #take(): Uint8Array {
    const all = this.#chunks.length === 1 ? (this.#chunks[0] ?? new Uint8Array()) : Buffer.concat(this.#chunks)
    this.#chunks = []
    this.#length = 0
    return all
  }

  /**
   * Resolves when something happened: bytes, the end, or `timeout` milliseconds. False for the last, once what a busy
   * process has not read yet has been read: timers come before sockets in a turn of the loop.
   */
  #happens(timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => setImmediate(() => settle(false)), timeout)
      const settle = (happened: boolean) => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve(happened)
      }
      this.#wake = () => settle(true)
    })
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#socket === null || this.ended !== null) throw new Mishap(this.ended ?? 'closed', this.#take())
    if (this.said.length < HEARD_CAP) this.said = Buffer.concat([this.said, bytes])
    this.#socket.write(bytes)
  }

  async read(atLeast = 1): Promise<Uint8Array> {
    const until = performance.now() + this.#options.answerTimeout
    while (this.#length < atLeast) {
      const left = this.#left(until - performance.now())
      if (this.ended !== null || this.#socket === null) throw new Mishap(this.ended ?? 'closed', this.#take())
      if (left <= 0 || !(await this.#happens(left))) throw new Mishap(this.ended ?? 'timeout', this.#take())
    }
    return this.#take()
  }

  async readUntil(done: (soFar: Uint8Array) => boolean): Promise<Uint8Array> {
    let soFar: Uint8Array = new Uint8Array()
    for (;;) {
      if (this.#length > 0) {
        soFar = soFar.length === 0 ? this.#take() : Buffer.concat([soFar, this.#take()])
        if (done(soFar)) return soFar
      }
      const left = this.#left(this.#options.answerTimeout)
      const gone = this.ended !== null || this.#socket === null
      if (gone || left <= 0 || !(await this.#happens(left))) return soFar
    }
  }

  /** What has arrived and arrives until nothing comes for `quiet` milliseconds. Never throws. */
  async settle(quiet: number): Promise<Uint8Array> {
    let soFar = this.#take()
    while (this.ended === null && this.#socket !== null && (await this.#happens(this.#left(quiet))))
      soFar = Buffer.concat([soFar, this.#take()])
    return Buffer.concat([soFar, this.#take()])
  }

  async reopen(): Promise<void> {
    this.close()
    this.#take()
    await this.#open()
  }

  async startTls(profile: TlsProfile = 'modern'): Promise<void> {
    await this.#encrypt({ profile, alpn: [] })
  }

  finish(): void {
    this.#socket?.end()
  }

  /** Ends the connection without ceremony: a scanner has thousands, and lingering ones help nobody. */
  close(): void {
    const socket = this.#socket
    this.#socket = null
    socket?.destroy()
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
