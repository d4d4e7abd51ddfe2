import { type Address, formatIPv4, IPV4_WRAPPERS, parseAddress, unwrapIPv4 } from './address.ts'
import { addressAt, type Cidr, spanOfCidr } from './address-set.ts'
import { flawed, good, type Parsed } from './parsed.ts'

/**
 * `address` or `address "/" prefix-length`; a bare address is a block of one. Host bits are cleared. A v4-mapped
 * address is refused: it is an IPv4 address and must be written as one, or two spellings of one target would exist.
 */
export function parseCidr(text: string): Parsed<Cidr> {
  const slash = text.indexOf('/')
  const parsed = parseAddress(slash < 0 ? text : text.slice(0, slash))
  if (!parsed.ok) return parsed
  const bits = parsed.value.family === 4 ? 32 : 128
  const mapped = refuseMapped(parsed.value)
  if (mapped) return mapped
  if (slash < 0) return good({ address: parsed.value, prefix: bits })
  const prefix = parsePrefix(text, slash + 1, bits)
  if (!prefix.ok) return prefix
  const first = addressAt(spanOfCidr({ address: parsed.value, prefix: prefix.value }).first)
  return good({ address: first, prefix: prefix.value })
}

/** The digits after the slash, which stands at `at - 1` in `text`. */
export function parsePrefix(text: string, at: number, bits: 32 | 128): Parsed<number> {
  const digits = text.slice(at)
  const fix = `write a number from 0 to ${bits} after the slash`
  if (!/^(0|[1-9]\d{0,2})$/.test(digits)) return flawed(at, 'the prefix length is not a plain number', fix)
  if (Number(digits) > bits) return flawed(at, `the prefix length is ${digits}, the largest is ${bits}`, fix)
  return good(Number(digits))
}

/** A flaw when the address is v4-mapped. */
export function refuseMapped(address: Address) {
  if (address.family === 4) return null
  const inner = unwrapIPv4(address.value)
  if (inner?.via !== IPV4_WRAPPERS[0].name) return null
  return flawed(0, 'this is an IPv4 address written as IPv6', `write ${formatIPv4(inner.v4)}`)
}
