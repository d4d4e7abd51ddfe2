/**
 * Just enough XML (1.0, fifth edition) to read scanners' reports as they stream by. No entity is ever defined or
 * expanded beyond the five of the standard and character numbers, so there is nothing to blow up; a document type with
 * an internal subset is refused. Holds one tag at a time.
 */
export type XmlEvent =
  | { readonly type: 'open'; readonly name: string; readonly attributes: ReadonlyMap<string, string> }
  | { readonly type: 'close'; readonly name: string }
  | { readonly type: 'text'; readonly text: string }

/** Thrown by the tokenizer; the reader turns it into an event. */
export class MalformedXml extends Error {
  override readonly name = 'MalformedXml'
}

/** Script output in attributes may be long, but not endless. */
const TAG_CAP = 1024 * 1024
const DEPTH_CAP = 64
const ATTRIBUTE_CAP = 64

const INTERNAL_SUBSET = 'document types with an internal subset are refused'

/** Where a piece of markup ends that does not end at the next `>` outside quotes. */
const TERMINATED = [
  ['<!--', '-->'],
  ['<![CDATA[', ']]>'],
  ['<?', '?>'],
] as const

export class XmlTokenizer {
  /** What has been read and not yet understood. */
  #held = ''
  /** How far into `#held` the search for the end of the markup at its start has come, and inside which quote. */
  #searched = 0
  #quote = ''
  readonly #open: string[] = []
  #line = 1

  /** Line of the document reached so far, from 1. */
  get line(): number {
    return this.#line
  }

  /** True when every element is closed. */
  get complete(): boolean {
    return this.#open.length === 0 && this.#held.trim() === ''
  }

  push(text: string): XmlEvent[] {
    this.#held += text
    const events: XmlEvent[] = []
    let at = 0
    while (at < this.#held.length) {
      const end = this.#held[at] === '<' ? this.#markupEnd(at) : this.#textEnd(at)
      if (end < 0) break
      const piece = this.#held.slice(at, end)
      this.#line += count(piece, '\n')
      this.#read(piece, events)
      at = end
      this.#searched = 0
      this.#quote = ''
    }
    this.#held = this.#held.slice(at)
    if (this.#held.length > TAG_CAP) throw new MalformedXml(`a tag is longer than ${TAG_CAP} characters`)
    return events
  }

  #textEnd(at: number): number {
    const end = this.#held.indexOf('<', at)
    return end < 0 ? this.#held.length : end
  }

  #markupEnd(at: number): number {
    const held = this.#held
    for (const [start, end] of TERMINATED) {
      if (held.startsWith(start, at)) {
        const found = held.indexOf(end, Math.max(at + start.length, at + this.#searched - end.length))
        this.#searched = held.length - at
        return found < 0 ? -1 : found + end.length
      }
      // Too little has arrived to tell a comment from a tag.
      if (held.length - at < start.length && start.startsWith(held.slice(at))) return -1
    }
    for (let i = at + Math.max(1, this.#searched); i < held.length; i++) {
      const character = held.charAt(i)
      if (this.#quote !== '') {
        const end = held.indexOf(this.#quote, i)
        if (end < 0) break
        i = end
        this.#quote = ''
      } else if (character === '"' || character === "'") this.#quote = character
      else if (character === '>') return i + 1
      else if (character === '[' && held.startsWith('<!', at)) throw new MalformedXml(INTERNAL_SUBSET)
      else if (character === '<') throw new MalformedXml('a tag is not closed')
    }
    this.#searched = held.length - at
    return -1
  }

  #read(piece: string, events: XmlEvent[]): void {
    if (piece[0] !== '<') {
      if (this.#open.length > 0) events.push({ type: 'text', text: decodeEntities(piece) })
      else if (piece.trim() !== '' && piece.trim() !== '\ufeff') throw new MalformedXml('text outside of any element')
    } else if (piece.startsWith('<![CDATA[')) events.push({ type: 'text', text: piece.slice(9, -3) })
    else if (piece.startsWith('<!') || piece.startsWith('<?')) return
    else if (piece.startsWith('</')) this.#close(piece.slice(2, -1).trim(), events)
    else this.#openTag(piece, events)
  }

  #openTag(piece: string, events: XmlEvent[]): void {
    const name = /^<([A-Za-z_:][\w:.-]{0,99})(?=[\s/>])/.exec(piece)?.[1]
    if (name === undefined) throw new MalformedXml('a tag has no name')
    if (this.#open.length >= DEPTH_CAP) throw new MalformedXml(`elements are nested deeper than ${DEPTH_CAP}`)
    const attributes = new Map<string, string>()
    for (const [, key = '', double, single] of piece.matchAll(
      /\s([A-Za-z_:][\w:.-]{0,99})\s{0,9}=\s{0,9}(?:"([^"]*)"|'([^']*)')/g,
    )) {
      if (attributes.size >= ATTRIBUTE_CAP)
        throw new MalformedXml(`an element has more than ${ATTRIBUTE_CAP} attributes`)
      attributes.set(key, decodeEntities(double ?? single ?? ''))
    }
    events.push({ type: 'open', name, attributes })
    this.#open.push(name)
    if (piece.endsWith('/>')) this.#close(name, events)
  }

  #close(name: string, events: XmlEvent[]): void {
    if (this.#open.pop() !== name) throw new MalformedXml(`</${name.slice(0, 40)}> closes nothing`)
    events.push({ type: 'close', name })
  }
}

function count(text: string, character: string): number {
  let found = 0
  for (let at = text.indexOf(character); at >= 0; at = text.indexOf(character, at + 1)) found++
  return found
}

const NAMED: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

/** The five named entities and character numbers; anything else stays as it stands. */
function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(amp|lt|gt|quot|apos));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return NAMED[name] ?? whole
    const code = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
    return code > 0x10_ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code)
  })
}
