/** The live UDP session: one socket, one question at a time, datagrams from the endpoint asked and from nobody else. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { type ClientIdentity, Mishap, type MishapReason, type Session } from './protocol.ts'
import type { SessionOptions } from './session.ts'

/** Datagrams kept unread at most; the rest of a flood is dropped. */
const MAX_WAITING = 64

export class UdpSession implements Session {
  readonly transport = 'udp'
  readonly tls = false
  /** The first datagram the other side sent. */
  heard: Uint8Array = new Uint8Array()
  /** The first thing we said. */
  said: Uint8Array = new Uint8Array()
  readonly #options: SessionOptions
  readonly #deadline: number
  #socket: Socket
  #ended: MishapReason | null = null
  #waiting: Uint8Array[] = []
  #last: Uint8Array | null = null
  #wake: () => void = () => {}

  private constructor(options: SessionOptions) {
    this.#options = options
    this.#deadline = performance.now() + options.totalTimeout
    this.#socket = this.#create()
  }

  static async dial(options: SessionOptions): Promise<UdpSession> {
    const session = new UdpSession(options)
    await once(session.#socket.bind(), 'listening')
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

  #create(): Socket {
    const { address, signal } = this.#options
    const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
    socket.on('message', (bytes, from) => {
      // Not connected, because some protocols (TFTP) answer from a port of their own; the address still has to match.
      if (from.address !== address || this.#waiting.length >= MAX_WAITING) return
      if (this.heard.length === 0) this.heard = bytes
      this.#waiting.push(bytes)
      this.#wake()
    })
    socket.on('error', () => {
      this.#ended ??= 'unreachable'
      this.#wake()
    })
    const abort = () => this.close()
    signal?.addEventListener('abort', abort, { once: true })
    socket.once('close', () => signal?.removeEventListener('abort', abort))
    return socket
  }

  async write(bytes: Uint8Array): Promise<void> {
    if (this.#ended !== null) throw new Mishap(this.#ended, new Uint8Array())
    if (this.said.length === 0) this.said = bytes
    this.#last = bytes
    this.#send(bytes)
  }

  #send(bytes: Uint8Array): void {
    if (this.#ended === null) this.#socket.send(bytes, this.port, this.address, () => {})
  }

  #happens(timeout: number): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (happened: boolean) => {
        clearTimeout(timer)
        this.#wake = () => {}
        resolve(happened)
      }
      const timer = setTimeout(() => settle(false), timeout)
      this.#wake = () => settle(true)
    })
  }

  /** The next datagram. Datagrams get lost, so the last question is sent once more half-way. */
  async read(): Promise<Uint8Array> {
    const wait = Math.min(this.#options.answerTimeout, this.#deadline - performance.now()) / 2
    for (let attempt = 0; attempt < 2; attempt++) {
      if (this.#waiting.length === 0 && this.#ended === null && wait > 0) await this.#happens(wait)
      const datagram = this.#waiting.shift()
      if (datagram !== undefined) return datagram
      if (this.#ended !== null) break
      if (attempt === 0 && this.#last !== null) this.#send(this.#last)
    }
    throw new Mishap(this.#ended ?? 'timeout', new Uint8Array())
  }

  async readUntil(done: (soFar: Uint8Array) => boolean): Promise<Uint8Array> {
    let soFar: Uint8Array = new Uint8Array()
    try {
      do soFar = Buffer.concat([soFar, await this.read()])
      while (soFar.length < 65_536 && !done(soFar))
    } catch (error) {
      if (!(error instanceof Mishap)) throw error
    }
    return soFar
  }

  async reopen(): Promise<void> {
    this.close()
    this.#ended = null
    this.#waiting = []
    this.#last = null
    this.#socket = this.#create()
    await once(this.#socket.bind(), 'listening')
  }

  /** A datagram has its end. */
  finish(): void {}

  /** No protocol here upgrades a datagram conversation. */
  async startTls(): Promise<void> {
    throw new Mishap('tls-failed', new Uint8Array())
  }

  close(): void {
    if (this.#ended === 'closed') return
    this.#ended = 'closed'
    this.#socket.close()
    this.#wake()
  }

  [Symbol.dispose](): void {
    this.close()
  }
}
