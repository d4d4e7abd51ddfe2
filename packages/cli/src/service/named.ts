/** What people call a thing of the service, where the service wants its id. */
import { UsageError } from '../exit.ts'
import { suggestion } from '../suggestion.ts'

const UUID = /^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$/i

export const isId = (word: string): boolean => UUID.test(word)

export type Named = { readonly id: string; readonly name: string }

/** `kind` is what the things are, for complaints. Throws UsageError when none, or more than one, has the name. */
export async function idOf(word: string, kind: string, all: () => Promise<readonly Named[]>): Promise<string> {
  if (isId(word)) return word.toLowerCase()
  const known = await all()
  const called = known.filter(({ name }) => name === word)
  const [first, second] = called
  if (first !== undefined && second === undefined) return first.id
  const ids = called.map(({ id }) => id).join(' or ')
  if (second !== undefined) throw new UsageError(`several are called ${JSON.stringify(word)}; say which: ${ids}`)
  const names = known.map(({ name }) => name)
  throw new UsageError(`there is no ${kind} ${JSON.stringify(word)}${suggestion(word, names)}`)
}
