/** The rotating pattern of RFC 864: the second line is the first one shifted by one character. */
import { latin1 } from '#core/wire/reader.ts'

export function recogniseChargen(bytes: Uint8Array): boolean {
  const [first = '', second = ''] = latin1(bytes.subarray(0, 512)).split('\r\n')
  if (first.length < 64 || !/^[ -~]+$/.test(first)) return false
  return second.length < 8
    ? first.startsWith(' !"#$%&\'()*+,-./0123456789') || first.startsWith('!"#$%&\'()*+,-./0123456789')
    : second.startsWith(first.slice(1, 60))
}
