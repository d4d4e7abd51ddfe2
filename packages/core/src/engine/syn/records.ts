/**
 * Results as bytes, to cross from the scanning thread without being copied or turned into objects there:
 *
 *   position f64 0 | rtt f64 8, -1 unknown | port u16 16 | verdict u8 18 | family u8 19 | sender's family u8 20, 0 none
 *   address 24 | sender's address 40                                                                        56 bytes
 */
import { formatIPv4, formatIPv6Bytes } from '#core/target/address.ts'
import type { ProbeTarget } from '#core/target/probe-space.ts'
import type { PortResult } from '../engine.ts'
import { verdictOf } from './verdict.ts'

const SIZE = 56

/** Who answered, when it was not the target. */
export interface Sender {
  readonly family: 4 | 6
  readonly v4: number
  readonly v6: Uint8Array
}

export class RecordWriter {
  #buffer = new ArrayBuffer(64 * SIZE)
  #view = new DataView(this.#buffer)
  count = 0

  /** `rtt` in ms, null when nothing is known. */
  add(position: number, code: number, target: Readonly<ProbeTarget>, rtt: number | null): void {
    if ((this.count + 1) * SIZE > this.#buffer.byteLength) this.#grow()
    const at = this.count++ * SIZE
    const view = this.#view
    view.setFloat64(at, position)
    view.setFloat64(at + 8, rtt ?? -1)
    view.setUint16(at + 16, target.port)
    view.setUint8(at + 18, code)
    view.setUint8(at + 19, target.family)
    view.setUint8(at + 20, 0)
    this.#putAddress(at + 24, target)
  }

  /** Names who answered the record added last. */
  addSender(sender: Sender): void {
    const at = (this.count - 1) * SIZE
    this.#view.setUint8(at + 20, sender.family)
    this.#putAddress(at + 40, sender)
  }

  #putAddress(at: number, { family, v4, v6 }: Sender): void {
    if (family === 4) this.#view.setUint32(at, v4)
    else for (let i = 0; i < 16; i++) this.#view.setUint8(at + i, v6[i]!)
  }

  #grow(): void {
    const bigger = new ArrayBuffer(this.#buffer.byteLength * 2)
    new Uint8Array(bigger).set(new Uint8Array(this.#buffer))
    this.#buffer = bigger
    this.#view = new DataView(bigger)
  }

  /** The records so far, to be given away; starts anew. */
  take(): ArrayBuffer {
    const full = this.#buffer.slice(0, this.count * SIZE)
    this.count = 0
    if (this.#buffer.byteLength > 1 << 16) this.#buffer = new ArrayBuffer(64 * SIZE)
    this.#view = new DataView(this.#buffer)
    return full
  }
}

export function readRecords(buffer: ArrayBuffer): PortResult[] {
  const view = new DataView(buffer)
  const results: PortResult[] = []
  for (let at = 0; at < buffer.byteLength; at += SIZE) {
    const rtt = view.getFloat64(at + 8)
    const sender = view.getUint8(at + 20)
    results.push({
      position: view.getFloat64(at),
      ip: addressAt(view, at + 24, view.getUint8(at + 19)),
      port: view.getUint16(at + 16),
      ...verdictOf(view.getUint8(at + 18)),
      rtt: rtt < 0 ? null : rtt,
      ...(sender === 0 ? {} : { from: addressAt(view, at + 40, sender) }),
    })
  }
  return results
}

function addressAt(view: DataView, at: number, family: number): string {
  return family === 4 ? formatIPv4(view.getUint32(at)) : formatIPv6Bytes(new Uint8Array(view.buffer, at, 16))
}
