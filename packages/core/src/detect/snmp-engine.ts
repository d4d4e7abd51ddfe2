/** The engine id of SNMPv3 (RFC 3411 section 5). */
import { Reader } from '#core/wire/reader.ts'
import { clean } from './text.ts'

/** An engine id: the vendor's enterprise number, and what it was made from (an address or a text, RFC 3411 section 5). */
export function parseEngineId(id: Uint8Array): { readonly enterprise: number | null; readonly detail: string | null } {
  if (id.length < 5 || id.length > 32) return { enterprise: null, detail: null }
  const reader = new Reader(id)
  const first = reader.u32()
  const enterprise = first & 0x7fffffff
  if (first < 0x80000000) return { enterprise, detail: null }
  const format = reader.u8()
  const rest = reader.rest()
  if (format === 1 && rest.length === 4) return { enterprise, detail: rest.join('.') }
  if (format === 3 && rest.length === 6)
    return {
      enterprise,
      detail: Buffer.from(rest)
        .toString('hex')
        .replace(/..(?!$)/g, '$&:'),
    }
  return { enterprise, detail: format === 4 ? clean(rest) : null }
}
