/**
 * Whether a second look at an open port bears out what the first one made look changed. A server in the middle of an
 * upgrade, one of several behind one address, or an answer cut short looks changed once and not again.
 */

/** What one look at a port said of its service. Null: it did not say, which is never a difference. */
export interface Look {
  readonly service: string | null
  readonly product: string | null
  readonly version: string | null
  /** Lower-case hex SHA-256. */
  readonly certificate: string | null
}

/** `silent`: the second look said too little to tell. */
export type Agreement = 'agrees' | 'differs' | 'silent'

/** `before` is what is remembered; `first` differs from it. Only what differed then is asked about. */
export function compareLooks(looks: { readonly before: Look; readonly first: Look; readonly second: Look }): Agreement {
  const { before, first, second } = looks
  const doubtful = differences(before, first)
  const against = differences(first, second)
  if (against.has('service') || [...doubtful].some((field) => against.has(field))) return 'differs'
  const again = differences(before, second)
  return [...doubtful].every((field) => again.has(field)) ? 'agrees' : 'silent'
}

type Field = 'service' | 'version' | 'certificate'

/** Another service makes the version no matter: versions of two products are not comparable. */
function differences(was: Look, now: Look): ReadonlySet<Field> {
  const differs = (name: keyof Look) => was[name] !== null && now[name] !== null && was[name] !== now[name]
  const fields = new Set<Field>()
  if (differs('service') || differs('product')) fields.add('service')
  else if (differs('version')) fields.add('version')
  if (differs('certificate')) fields.add('certificate')
  return fields
}
