/**
 * A session that plays a recorded conversation: what the server said unasked is there at once, every `write` brings
 * the next reply. It does not compare what is written (see `written`), so it also serves foreign and mutated replies.
 */
import { Mishap, type MishapReason, type Session } from '#core/detect/protocol.ts'
import type { Exchange } from './fixture.ts'

export interface ReplayOptions {
  readonly transport?: 'tcp' | 'udp'
  readonly port?: number
  readonly hostname?: string | null
  readonly token?: number
  readonly tls?: boolean
  /** How the conversation ends when the recording does. */
  readonly end?: MishapReason
}

export interface ReplaySession extends Session {
  readonly written: readonly Uint8Array[]
}

export function replaySession(exchange: readonly Exchange[], options: ReplayOptions = {}): ReplaySession {
  const { transport = 'tcp', port = 1, hostname = null, token = 0x50_4f_52_54, end = 'timeout' } = options
  const script = [...exchange]
  const written: Uint8Array[] = []
  let arrived: Uint8Array[] = []
  let tls = options.tls ?? false
  const unasked = () => {
    while (script[0] !== undefined && script[0].send === null) arrived.push(script.shift()!.reply)
  }
  const takeAll = () => Buffer.concat(arrived.splice(0))
  unasked()
  return {
    transport,
    port,
    address: '127.0.0.1',
    hostname,
    token,
    client: { name: 'Portolan', url: null },
    written,
    get tls() {
      return tls
    },
    async write(bytes) {
      written.push(bytes)
      const next = script.shift()
      if (next !== undefined) arrived.push(next.reply)
      unasked()
    },
    async read(atLeast = 1) {
      if (transport === 'udp') {
        const datagram = arrived.shift()
        if (datagram === undefined) throw new Mishap(end, new Uint8Array())
        return datagram
      }
      const all = takeAll()
      if (all.length < atLeast) throw new Mishap(end, all)
      return all
    },
    async readUntil(done) {
      const all = takeAll()
      done(all)
      return all
    },
    async reopen() {
      arrived = []
      unasked()
    },
    finish() {},
    async startTls() {
      tls = true
    },
  }
}
