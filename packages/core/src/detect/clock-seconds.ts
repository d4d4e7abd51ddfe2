/** Four bytes that are the time of day: seconds since 1900 (RFC 868), between 2015 and the counter's end in 2036. */
const FROM = 3_629_000_000

export function recogniseTime(bytes: Uint8Array): boolean {
  return bytes.length === 4 && new DataView(bytes.buffer, bytes.byteOffset).getUint32(0) >= FROM
}
