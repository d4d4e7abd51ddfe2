/** Who is signed in, and what they may do. */
import { useQuery } from '@tanstack/react-query'
import { api, isSignedOut, queries, type Schemas, take } from './client.ts'

export type Session = Schemas['Session']
export type Right = Session['scopes'][number]

/** Weakest first; each includes those before it. */
const RIGHTS: readonly Right[] = ['read', 'scan', 'manage', 'admin']

async function whoAmI(): Promise<Session | null> {
  try {
    return await take(api.GET('/v1/session'))
  } catch (error) {
    if (isSignedOut(error)) return null
    throw error
  }
}

export const useSession = () => useQuery({ queryKey: ['session'], queryFn: whoAmI, staleTime: 60_000 })

export async function signIn(key: string): Promise<void> {
  become(await take(api.POST('/v1/session', { body: { key } })))
}

export async function signOut(): Promise<void> {
  await api.DELETE('/v1/session')
  become(null)
}

/** Nothing that one reader has seen is left for the next. */
function become(session: Session | null): void {
  queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'session' })
  queries.setQueryData(['session'], session)
}

export const mayWith = (scopes: readonly Right[], needed: Right) =>
  scopes.some((scope) => RIGHTS.indexOf(scope) >= RIGHTS.indexOf(needed))

/** Whether the key behind the session may do it; a page offers nothing that would be refused. */
export function useMay(needed: Right): boolean {
  const { data } = useSession()
  return data ? mayWith(data.scopes, needed) : false
}
