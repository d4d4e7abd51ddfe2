import { covers, spanOfCidr } from '@portolan/core/target/address-set.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { SPECIAL_PURPOSE } from '@portolan/core/target/special-purpose.data.ts'

/** Does the block lie inside a special-purpose range, so that the entry names it? */
export function namesSpecial(cidr: string): boolean {
  const setOf = (text: string) => {
    const parsed = parseCidr(text)
    return { spans: parsed.ok ? [spanOfCidr(parsed.value)] : [] }
  }
  return SPECIAL_PURPOSE.some((special) => covers(setOf(special.cidr), setOf(cidr)))
}
