/** Lists of addresses, as policies and tags have them: nothing in them needs to be resolved. */
import { type AddressSet, setOf } from './address-set.ts'
import { parseTargetSpec } from './target-spec.ts'

export type AddressList = {
  readonly addresses: AddressSet
  /** What could not be read, by its place in the list. */
  readonly flaws: readonly { readonly index: number; readonly detail: string }[]
}

/** Target specs but host names: a name may lead elsewhere tomorrow. */
export function readAddressList(specs: readonly string[]): AddressList {
  const flaws: { index: number; detail: string }[] = []
  const spans = specs.flatMap((spec, index) => {
    const parsed = parseTargetSpec(spec)
    if (parsed.ok && parsed.value.kind === 'addresses') return parsed.value.spans
    const name = 'is a host name, which may lead elsewhere tomorrow; rules select hosts by name with names'
    flaws.push({ index, detail: parsed.ok ? name : `${parsed.flaw.problem}; ${parsed.flaw.fix}` })
    return []
  })
  return { addresses: setOf(spans), flaws }
}
