/**
 * System calls of a connect scan, laid out to be made in one go, since a foreign call for each takes longer than most of
 * them. Three kinds: `START` begins a handshake, `RESULT` asks how one ended, and behind it there may be an `ERROR` that
 * looks into the socket's error queue.
 */
import assert from 'node:assert'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import { Arena } from './arena.ts'
import { ErrorQueue, type IcmpError, QUEUE_FLAGS } from './error-queue.ts'
import { CALL, CONNECT, RECVMSG } from './kernel-calls.ts'
import { type Libc, openLibc } from './libc.ts'
import { AF_INET, putSockaddr, SOCKADDR_IN6 } from './sockaddr.ts'

export const [START, RESULT, ERROR] = [0, 1, 2]
/** Most handshakes to be asked about in one list, by two calls each, and most to be started besides. */
export const ASKS = 128
const STARTS = 2 * ASKS
const MOST = STARTS + 2 * ASKS
/** Bytes for an address. */
const ADDRESS = 32
const ADDRESSES = MOST * CALL.size

const wordOf = (i: number, part: number) => (i * CALL.size + part) >> 2

export class ConnectCalls {
  #count = 0
  #asked = 0
  /** Kind of each call, the socket it is about, and a number: sockets a `START` was tried with before, message of an `ERROR`. */
  readonly #kinds = new Uint8Array(MOST)
  readonly #sockets = new Int32Array(MOST)
  readonly #numbers = new Uint8Array(MOST)
  readonly #libc: Libc = openLibc()
  readonly #arena = new Arena(ADDRESSES + MOST * ADDRESS)
  readonly #words = new Int32Array(this.#arena.bytes.buffer, 0, ADDRESSES >> 2)
  readonly #errors = new ErrorQueue(ASKS)
  /** Addresses of every call's sockaddr and of every message: lower and upper half. */
  readonly #addresses = halves(MOST, (i) => this.#arena.at(ADDRESSES + i * ADDRESS))
  readonly #messages = halves(ASKS, (i) => this.#errors.headerAt(i))

  constructor() {
    // Asking for a result takes an address that is not looked at, but one of no family would be an order to disconnect.
    for (let i = 0; i < MOST; i++) this.#arena.view.setUint16(ADDRESSES + i * ADDRESS, AF_INET, true)
  }

  get count(): number {
    return this.#count
  }

  /** Handshakes that may be added. */
  get room(): number {
    return Math.max(0, STARTS - this.#count)
  }

  start(socket: number, fd: number, target: Readonly<ProbeTarget>): void {
    const length = putSockaddr(this.#arena.view, ADDRESSES + this.#count * ADDRESS, target)
    this.#numbers[this.#count] = 0
    this.#add(START, socket, fd, length)
  }

  /** The same handshake as `START` number `i` of `other`, with another socket. */
  restart(socket: number, fd: number, other: ConnectCalls, i: number): void {
    const from = ADDRESSES + i * ADDRESS
    const { bytes } = this.#arena
    bytes.set(other.#arena.bytes.subarray(from, from + ADDRESS), ADDRESSES + this.#count * ADDRESS)
    this.#numbers[this.#count] = other.#numbers[i]! + 1
    this.#add(START, socket, fd, other.#words[wordOf(i, CALL.third)]!)
  }

  /** Asks how a handshake ended. */
  ask(socket: number, fd: number, hasError: boolean): void {
    this.#add(RESULT, socket, fd, SOCKADDR_IN6)
    if (!hasError) return
    this.#numbers[this.#count] = this.#asked++
    this.#add(ERROR, socket, fd, QUEUE_FLAGS)
  }

  #add(kind: number, socket: number, fd: number, third: number): void {
    const i = this.#count++
    assert(i < MOST)
    const at = wordOf(i, 0)
    const words = this.#words
    const isError = kind === ERROR
    const pointers = isError ? this.#messages : this.#addresses
    const pointer = 2 * (isError ? this.#numbers[i]! : i)
    this.#kinds[i] = kind
    this.#sockets[i] = socket
    words[at] = isError ? RECVMSG : CONNECT
    words[at + (CALL.fd >> 2)] = fd
    words[at + (CALL.pointer >> 2)] = pointers[pointer]!
    words[at + (CALL.pointer >> 2) + 1] = pointers[pointer + 1]!
    words[at + (CALL.third >> 2)] = third
  }

  /** Makes all calls. */
  run(): void {
    if (this.#count > 0) this.#libc.runCalls(this.#arena.address, this.#count)
  }

  kindOf(i: number): number {
    return this.#kinds[i]!
  }

  socketOf(i: number): number {
    return this.#sockets[i]!
  }

  clashesOf(i: number): number {
    return this.#numbers[i]!
  }

  /** What call `i` returned: below 0, an errno. */
  resultOf(i: number): number {
    return this.#words[wordOf(i, CALL.result)]!
  }

  /** What the `ERROR` behind `RESULT` number `i` has found, if there is one and it has. Once. */
  errorBehind(i: number): IcmpError | null {
    const error = i + 1
    if (error >= this.#count || this.#kinds[error] !== ERROR || this.resultOf(error) < 0) return null
    return this.#errors.take(this.#numbers[error]!)
  }

  clear(): void {
    this.#count = 0
    this.#asked = 0
  }

  free(): void {
    this.#arena.free()
    this.#errors.free()
  }
}

function halves(count: number, of: (i: number) => bigint): Int32Array {
  const found = new BigUint64Array(count)
  for (let i = 0; i < count; i++) found[i] = of(i)
  return new Int32Array(found.buffer)
}
