/** Thrown by a Reader that is asked for more than there is, or for more than the caller allowed. Parsers catch it once. */
export class Truncated extends Error {
  override readonly name = 'Truncated'
  /** Without a stack: a hundred parsers reject every banner this way, and capturing it costs more than parsing. */
  constructor(message: string) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(message)
    Error.stackTraceLimit = limit
  }
}

/**
 * A cursor over bytes a stranger sent. Every read is bounds-checked and throws Truncated instead of returning
 * something made up; every length taken from the wire goes through a method that has a cap.
 */
export class Reader {
  readonly bytes: Uint8Array
  readonly #view: DataView
  #at: number

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    this.#at = at
  }

  get position(): number {
    return this.#at
  }

  get remaining(): number {
    return this.bytes.length - this.#at
  }

  #advance(count: number): number {
    if (!Number.isInteger(count) || count < 0 || count > this.remaining) throw new Truncated(`need ${count} bytes`)
    const at = this.#at
    this.#at += count
    return at
  }

  /** Moves to an absolute position, 0..length. */
  seek(position: number): void {
    if (!Number.isInteger(position) || position < 0 || position > this.bytes.length)
      throw new Truncated(`seek ${position}`)
    this.#at = position
  }

  skip(count: number): void {
    this.#advance(count)
  }

  u8(): number {
    return this.#view.getUint8(this.#advance(1))
  }

  u16(): number {
    return this.#view.getUint16(this.#advance(2))
  }

  u16le(): number {
    return this.#view.getUint16(this.#advance(2), true)
  }

  u24(): number {
    const at = this.#advance(3)
    return this.#view.getUint16(at) * 256 + this.#view.getUint8(at + 2)
  }

  u24le(): number {
    const at = this.#advance(3)
    return this.#view.getUint16(at, true) + this.#view.getUint8(at + 2) * 65536
  }

  u32(): number {
    return this.#view.getUint32(this.#advance(4))
  }

  u32le(): number {
    return this.#view.getUint32(this.#advance(4), true)
  }

  i32(): number {
    return this.#view.getInt32(this.#advance(4))
  }

  i32le(): number {
    return this.#view.getInt32(this.#advance(4), true)
  }

  u64(): bigint {
    return this.#view.getBigUint64(this.#advance(8))
  }

  u64le(): bigint {
    return this.#view.getBigUint64(this.#advance(8), true)
  }

  /** The next `count` bytes, a view, not a copy. `cap` refuses lengths no honest peer sends. */
  take(count: number, cap = 65_536): Uint8Array {
    if (count > cap) throw new Truncated(`length ${count} over the cap of ${cap}`)
    const at = this.#advance(count)
    return this.bytes.subarray(at, at + count)
  }

  /** The next `count` bytes as Latin-1 text. */
  latin1(count: number, cap = 65_536): string {
    return latin1(this.take(count, cap))
  }

  /** Latin-1 text up to a NUL (consumed, not returned) within `cap` bytes. */
  cstring(cap = 1024): string {
    const end = this.bytes.indexOf(0, this.#at)
    if (end < 0 || end - this.#at > cap) throw new Truncated('no terminator')
    const text = latin1(this.bytes.subarray(this.#at, end))
    this.#at = end + 1
    return text
  }

  /** Everything that is left. */
  rest(): Uint8Array {
    const at = this.#at
    this.#at = this.bytes.length
    return this.bytes.subarray(at)
  }
}

/** Bytes as text, one character a byte: loses nothing and never throws, unlike UTF-8. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/** Runs a parser; running out of bytes means "not mine", anything else is a defect and is thrown. */
export function orNull<T>(parse: () => T | null): T | null {
  try {
    return parse()
  } catch (error) {
    if (error instanceof Truncated) return null
    throw error
  }
}
