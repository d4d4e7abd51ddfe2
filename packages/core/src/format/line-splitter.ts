/** A line, or null in place of its text when it was longer than the cap. Numbers count from 1. */
export type Line = { readonly number: number; readonly text: string | null }

/** Cuts a stream of bytes into lines; holds at most one line of at most `cap` characters. */
export class LineSplitter {
  readonly #cap: number
  readonly #decoder = new TextDecoder('utf-8')
  #held = ''
  #tooLong = false
  #number = 0

  constructor(cap: number) {
    this.#cap = cap
  }

  push(bytes: Uint8Array): Line[] {
    return this.#take(this.#decoder.decode(bytes, { stream: true }))
  }

  /** The last line, when the stream does not end with a line end. */
  end(): Line[] {
    const lines = this.#take(this.#decoder.decode())
    return this.#held === '' && !this.#tooLong ? lines : [...lines, this.#close()]
  }

  #take(text: string): Line[] {
    const lines: Line[] = []
    let from = 0
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#keep(text.slice(from, end))
      lines.push(this.#close())
      from = end + 1
    }
    this.#keep(text.slice(from))
    return lines
  }

  #keep(piece: string): void {
    if (this.#held.length + piece.length > this.#cap) this.#tooLong = true
    this.#held = this.#tooLong ? '' : this.#held + piece
  }

  #close(): Line {
    const line = { number: ++this.#number, text: this.#tooLong ? null : this.#held.replace(/\r$/, '') }
    this.#held = ''
    this.#tooLong = false
    return line
  }
}
