import { parseIPv4 } from './address.ts'
import { type Span, setOf, union } from './address-set.ts'
import type { Flaw } from './parsed.ts'
import { type NameTarget, parseTargetSpec, type Targets } from './target-spec.ts'

/** Targets one by one, as a file of a million lines has them: an IPv4 address takes four bytes until all are in. */
export class TargetList {
  #addresses = new Uint32Array(1024)
  #count = 0
  readonly #spans: Span[] = []
  readonly #names = new Map<string, NameTarget>()

  /** What is wrong with the spec; null when it is taken. */
  add(spec: string): Flaw | null {
    const address = /^[\d.]+$/.test(spec) ? parseIPv4(spec) : null
    if (address?.ok) {
      this.#push(address.value)
      return null
    }
    const parsed = parseTargetSpec(spec)
    if (!parsed.ok) return parsed.flaw
    if (parsed.value.kind === 'addresses') for (const span of parsed.value.spans) this.#spans.push(span)
    else this.#names.set(`${parsed.value.target.name}/${parsed.value.target.prefix}`, parsed.value.target)
    return null
  }

  targets(): Targets {
    const spans = [...spansOf(this.#addresses.subarray(0, this.#count).sort())]
    return { literal: union({ spans }, setOf(this.#spans)), names: [...this.#names.values()] }
  }

  #push(address: number): void {
    if (this.#count === this.#addresses.length) {
      const larger = new Uint32Array(this.#count * 2)
      larger.set(this.#addresses)
      this.#addresses = larger
    }
    this.#addresses[this.#count++] = address
  }
}

/** Of ascending addresses; neighbours, and those that are named twice, become one. */
function* spansOf(addresses: Uint32Array): Generator<Span> {
  let [first] = addresses
  let last = first
  for (const address of addresses) {
    if (first !== undefined && last !== undefined && address > last + 1) {
      yield { first: BigInt(first), last: BigInt(last) }
      first = address
    }
    last = address
  }
  if (first !== undefined && last !== undefined) yield { first: BigInt(first), last: BigInt(last) }
}
