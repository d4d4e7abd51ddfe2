/** Builds a message field by field. Grows as needed; meant for questions of a few hundred bytes, not for bulk data. */
export class Writer {
  #bytes = new Uint8Array(128)
  #view = new DataView(this.#bytes.buffer)
  #length = 0

  get length(): number {
    return this.#length
  }

  #grow(count: number): number {
    const at = this.#length
    this.#length += count
    if (this.#length > this.#bytes.length) {
      const bigger = new Uint8Array(Math.max(this.#length, this.#bytes.length * 2))
      bigger.set(this.#bytes)
      this.#bytes = bigger
      this.#view = new DataView(bigger.buffer)
    }
    return at
  }

  // The place is asked for first: growing replaces the buffer and its view.
  u8(value: number): this {
    const at = this.#grow(1)
    this.#view.setUint8(at, value)
    return this
  }

  u16(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value)
    return this
  }

  u16le(value: number): this {
    const at = this.#grow(2)
    this.#view.setUint16(at, value, true)
    return this
  }

  u24(value: number): this {
    return this.u8(value >>> 16).u16(value & 0xffff)
  }

  u24le(value: number): this {
    return this.u16le(value & 0xffff).u8(value >>> 16)
  }

  u32(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value)
    return this
  }

  u32le(value: number): this {
    const at = this.#grow(4)
    this.#view.setUint32(at, value, true)
    return this
  }

  u64(value: bigint): this {
    const at = this.#grow(8)
    this.#view.setBigUint64(at, value)
    return this
  }

  u64le(value: bigint): this {
    const at = this.#grow(8)
    this.#view.setBigUint64(at, value, true)
    return this
  }

  bytes(value: Uint8Array | readonly number[]): this {
    const at = this.#grow(value.length)
    this.#bytes.set(value, at)
    return this
  }

  latin1(value: string): this {
    return this.bytes(Buffer.from(value, 'latin1'))
  }

  utf8(value: string): this {
    return this.bytes(Buffer.from(value, 'utf8'))
  }

  zeros(count: number): this {
    this.#grow(count)
    return this
  }

  /** Overwrites two bytes written earlier: for lengths known only at the end. */
  patchU16(at: number, value: number): this {
    this.#view.setUint16(at, value)
    return this
  }

  patchU32(at: number, value: number): this {
    this.#view.setUint32(at, value)
    return this
  }

  patchU32le(at: number, value: number): this {
    this.#view.setUint32(at, value, true)
    return this
  }

  /** A copy of what was written. */
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }
}
