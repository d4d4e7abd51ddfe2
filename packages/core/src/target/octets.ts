import type { Span } from './address-set.ts'
import { flawed, good, type Parsed } from './parsed.ts'

/** Ragged specs such as 0-255.0-255.0-255.1 fall apart into millions of ranges; beyond this a CIDR says it better. */
const MAX_SPANS = 65_536

/**
 * nmap's octet ranges: four octets, each a comma list of `n`, `n-m`, `n-`, `-m`, `-` or `*`.
 *
 *   10.0.0-3.1-254   10.0.0.1,3,5-9   192.168.*.1
 */
export function parseOctets(text: string): Parsed<readonly Span[]> {
  const parts = text.split('.')
  const shape = 'write four octets, each a list of numbers and ranges, such as 10.0.0-3.1,5-9'
  if (parts.length > 4 && text.includes(','))
    return flawed(text.indexOf(','), 'there are several targets in one', 'give each target apart')
  if (parts.length !== 4) return flawed(text.length, `there are ${parts.length} octets, not 4`, shape)
  let at = 0
  let spans: { first: number; last: number }[] = [{ first: 0, last: 0 }]
  const octets: (readonly (readonly [number, number])[])[] = []
  for (const part of parts) {
    const octet = parseOctet(part, at)
    if (!octet.ok) return octet
    octets.push(octet.value)
    at += part.length + 1
  }
  // From the right: as long as everything to the right is full, a range of octets is one range of addresses.
  let size = 1
  for (const octet of octets.reverse()) {
    const full = spans.length === 1 && spans[0]?.first === 0 && spans[0].last === size - 1
    const wider: { first: number; last: number }[] = []
    for (const [low, high] of octet) {
      if (full) wider.push({ first: low * size, last: high * size + size - 1 })
      else if (spans.length * (high - low + 1) + wider.length > MAX_SPANS)
        return flawed(0, `this falls apart into more than ${MAX_SPANS} ranges`, 'write it as CIDR blocks')
      else
        for (let value = low; value <= high; value++)
          for (const { first, last } of spans) wider.push({ first: value * size + first, last: value * size + last })
    }
    spans = wider
    size *= 256
  }
  return good(spans.map(({ first, last }) => ({ first: BigInt(first), last: BigInt(last) })))
}

/** Sorted, merged [low, high] pairs of one octet. */
function parseOctet(text: string, at: number): Parsed<readonly (readonly [number, number])[]> {
  const wanted = new Array<boolean>(256).fill(false)
  let position = at
  for (const item of text.split(',')) {
    const range = /^(?:(\*)|(0|[1-9]\d{0,2})?(-)?(0|[1-9]\d{0,2})?)$/.exec(item)
    if (!range || item === '')
      return flawed(position, item === '' ? 'an octet is empty' : 'this is not an octet', 'write 0 to 255, or a range')
    const [, star, from, dash, to] = range
    const low = Number(from ?? 0)
    const high = star || dash ? Number(to ?? 255) : low
    if (low > 255 || high > 255)
      return flawed(position, `octet ${Math.max(low, high)} is over 255`, 'write a number from 0 to 255')
    if (low > high) return flawed(position, `the range ${item} runs backwards`, `write ${high}-${low}`)
    wanted.fill(true, low, high + 1)
    position += item.length + 1
  }
  const pairs: [number, number][] = []
  for (let value = 0; value < 256; value++) {
    if (!wanted[value]) continue
    const pair = pairs.at(-1)
    if (pair && pair[1] === value - 1) pair[1] = value
    else pairs.push([value, value])
  }
  return good(pairs)
}
