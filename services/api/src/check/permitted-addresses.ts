import { type Address, formatAddress, parseAddress } from '@portolan/core/target/address.ts'
import {
  addressAt,
  addressesOf,
  setOf,
  setOfAddresses,
  spanOfCidr,
  subtract,
} from '@portolan/core/target/address-set.ts'
import { parseCidr } from '@portolan/core/target/cidr.ts'
import { checkScope } from '@portolan/core/target/guard.ts'
import { parseTargetSpec, resolveTargets } from '@portolan/core/target/target-spec.ts'
import { clientAddress } from '../http/audit.ts'
import type { Call } from '../http/operation.ts'
import { Problem } from '../http/problem.ts'

type AnyCall = Call<unknown, unknown, unknown>

export interface Permitted {
  readonly host: string
  /** When the host was given by name. */
  readonly hostname: string | null
  readonly addresses: readonly Address[]
}

/** Names with more addresses than this are content networks; the first few tell the story. */
const MOST_ADDRESSES = 8

const wrong = (kind: 'validation' | 'out-of-scope' | 'unresolvable-name', detail: string) =>
  new Problem(kind, `host: ${detail}`, { errors: [{ in: 'body', pointer: '#/host', detail }] })

/** The addresses of `host`, all of them inside the scope; unset: the caller's own. Throws the Problem that fits. */
export async function permittedAddresses(call: AnyCall, host: string | undefined): Promise<Permitted> {
  const { parts, caller, request } = call
  const wanted = await find(call, host ?? clientAddress(request) ?? '')
  const set = setOfAddresses(wanted.addresses)
  const scope = await parts.scopes.of(caller.projectId)
  const [refused] = checkScope(set, scope, parts.now().getTime()).refused
  if (refused) throw wrong('out-of-scope', `${describe(refused.addresses.spans)}: ${refused.detail}`)
  const limits = caller.targetLimits.flatMap((text) => {
    const parsed = parseCidr(text)
    return parsed.ok ? [spanOfCidr(parsed.value)] : []
  })
  const [beyond] = limits.length === 0 ? [] : subtract(set, setOf(limits)).spans
  if (beyond) throw wrong('out-of-scope', `this key may scan only ${caller.targetLimits.join(', ')}`)
  return wanted
}

async function find({ parts }: AnyCall, host: string): Promise<Permitted> {
  const parsed = parseTargetSpec(host)
  if (!parsed.ok) throw wrong('validation', `${parsed.flaw.problem}; ${parsed.flaw.fix}`)
  const { value } = parsed
  if (value.kind === 'addresses') {
    const [span, ...more] = value.spans
    if (!span || more.length > 0 || span.first !== span.last)
      throw wrong('validation', 'names more than one address; a scan is the way to ask many')
    return { host, hostname: null, addresses: [addressAt(span.first)] }
  }
  const { name, prefix } = value.target
  if (prefix !== null) throw wrong('validation', 'names a block; a scan is the way to ask many')
  const found = (await parts.resolve(name)).flatMap((text) => {
    const address = parseAddress(text)
    return address.ok ? [address.value] : []
  })
  const targets = { literal: setOf([]), names: [value.target] }
  const { addresses } = resolveTargets({ targets, answers: new Map([[name, found]]) })
  if (addresses.spans.length === 0) throw wrong('unresolvable-name', `no address for ${name}; check the spelling`)
  const each = addresses.spans.flatMap((span) => [...addressesOf(span)])
  return { host, hostname: name, addresses: each.slice(0, MOST_ADDRESSES) }
}

function describe(spans: readonly { readonly first: bigint }[]): string {
  return spans.map(({ first }) => formatAddress(addressAt(first))).join(', ')
}
