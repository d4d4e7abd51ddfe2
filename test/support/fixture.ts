/**
 * Recorded conversations: `test/fixtures/<protocol>/<case>.json`.
 *
 *   source    where it was captured ("nginx 1.22.1, Debian 12") or what it was built from ("RFC 1035 section 4.1")
 *   exchange  in order: what the module sent (left out for what the server says unasked) and what came back.
 *             `send`, `reply`: base64. `sendText`, `replyText`: Latin-1 text, where that reads better.
 *   expect    fields of the Service the module must answer; null for a look-alike the module must refuse
 *   token     what `session.token` was, when the conversation echoes it
 *   tls       true when it took place inside TLS
 *   alone     false when the first reply says too little to be recognised without having asked
 */
import { readdirSync, readFileSync } from 'node:fs'
import path from 'node:path'
import type { Service } from '#core/detect/protocol.ts'
import { ROOT } from './source-tree.ts'

export interface Exchange {
  readonly send: Uint8Array | null
  readonly reply: Uint8Array
}

export interface Fixture {
  readonly protocol: string
  /** `<protocol>/<case>` */
  readonly name: string
  readonly source: string
  readonly exchange: readonly Exchange[]
  readonly expect: Partial<Service> | null
  readonly token: number
  readonly tls: boolean
  readonly alone: boolean
}

interface FixtureFile {
  source: string
  exchange: { send?: string; sendText?: string; reply?: string; replyText?: string }[]
  expect: Partial<Service> | null
  token?: number
  tls?: boolean
  alone?: boolean
}

const FOLDER = path.join(ROOT, 'test/fixtures')

function bytes(base64: string | undefined, text: string | undefined): Uint8Array | null {
  if (base64 !== undefined) return new Uint8Array(Buffer.from(base64, 'base64'))
  return text === undefined ? null : new Uint8Array(Buffer.from(text, 'latin1'))
}

export function readFixture(protocol: string, file: string): Fixture {
  const raw: FixtureFile = JSON.parse(readFileSync(path.join(FOLDER, protocol, file), 'utf8'))
  const exchange = raw.exchange.map((e) => ({
    send: bytes(e.send, e.sendText),
    reply: bytes(e.reply, e.replyText) ?? new Uint8Array(),
  }))
  const { source, expect, token = 0x50_4f_52_54, tls = false, alone = true } = raw
  return { protocol, name: `${protocol}/${file.replace(/\.json$/, '')}`, source, exchange, expect, token, tls, alone }
}

export function fixturesOf(protocol: string): Fixture[] {
  const files = readdirSync(path.join(FOLDER, protocol)).filter((f) => f.endsWith('.json'))
  return files.sort().map((file) => readFixture(protocol, file))
}
