import { formatAddress } from '@portolan/core/target/address.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { z } from 'zod'
import { line } from './text.ts'

/** A CIDR block in a request; a bare address is a block of one. Says what is wrong with it. */
export const cidr = line({ max: 60 }).superRefine((text, context) => {
  const parsed = parseCidr(text)
  if (!parsed.ok) context.addIssue({ code: 'custom', message: `${parsed.flaw.problem}; ${parsed.flaw.fix}` })
})

/** The one spelling that is stored and compared: host bits cleared, prefix always there. */
export function canonicalCidr(text: string): string {
  const parsed = parseCidr(text)
  if (!parsed.ok) throw new TypeError(`${text} is no CIDR block`)
  return `${formatAddress(parsed.value.address)}/${parsed.value.prefix}`
}

export const CidrText = z.string().meta({ description: 'A CIDR block.', examples: ['10.0.0.0/8'] })
