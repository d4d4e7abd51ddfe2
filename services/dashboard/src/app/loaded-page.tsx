/** Pages whose code comes when it is first asked for. React's `lazy` would show its fallback for 300 ms at least. */
import { useEffect, useReducer, useState } from 'react'
import { Waiting } from '../ui/states.tsx'
import { matchPath } from './router.ts'
import { type LoadPage, type PageComponent, ROUTES } from './routes.ts'

const loaded = new Map<LoadPage, PageComponent>()

async function load(from: LoadPage): Promise<void> {
  loaded.set(from, await from())
}

/** Fetches the code of the page that will be shown, while it is still being found out who is there. */
export function preload(path: string): void {
  const route = ROUTES.find(([pattern]) => matchPath(pattern, path))
  // The page itself says what went wrong.
  if (route) load(route[1]).catch(() => {})
}

type LoadedPageProps = { readonly from: LoadPage; readonly found: Readonly<Record<string, string>> }

export function LoadedPage({ from, found }: LoadedPageProps) {
  const [failure, setFailure] = useState<{ readonly error: unknown } | null>(null)
  const [, redraw] = useReducer((count: number) => count + 1, 0)
  useEffect(() => {
    if (loaded.has(from)) return
    load(from).then(redraw, (error: unknown) => setFailure({ error }))
  }, [from])
  if (failure) throw failure.error
  const Component = loaded.get(from)
  return Component ? <Component {...found} /> : <Waiting />
}
