/** The internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words. */

/** Sum of the words of bytes [from, to), not folded: up to 64 KiB fit without overflow. An odd last byte is padded. */
export function sumWords(bytes: Uint8Array, from: number, to: number): number {
  let sum = 0
  let i = from
  for (; i + 1 < to; i += 2) sum += (bytes[i]! << 8) | bytes[i + 1]!
  return i < to ? sum + (bytes[i]! << 8) : sum
}

/** Folds a sum (below 2^32) into the 16-bit checksum. */
export function checksumOf(sum: number): number {
  let folded = (sum & 0xffff) + (sum >>> 16)
  folded = (folded & 0xffff) + (folded >>> 16)
  return ~folded & 0xffff
}
