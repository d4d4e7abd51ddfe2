/** Where we are, as the address bar has it: paths and queries, no hash. Everything a page shows can be linked to. */
import { useCallback, useSyncExternalStore } from 'react'

const MOVED = 'portolan:moved'

function subscribe(changed: () => void): () => void {
  window.addEventListener('popstate', changed)
  window.addEventListener(MOVED, changed)
  return () => {
    window.removeEventListener('popstate', changed)
    window.removeEventListener(MOVED, changed)
  }
}

const usePlace = () => useSyncExternalStore(subscribe, () => window.location.pathname + window.location.search)

export function go(to: string, { replace = false } = {}): void {
  if (replace) window.history.replaceState(null, '', to)
  else window.history.pushState(null, '', to)
  if (!replace) window.scrollTo(0, 0)
  window.dispatchEvent(new Event(MOVED))
}

export const usePath = () => usePlace().split('?', 1)[0] ?? '/'

export type SetQuery = (changes: Readonly<Record<string, string | null>>) => void

/** The query of the address and a setter that replaces some of its fields; null or '' takes one out. */
export function useQueryFields(): readonly [URLSearchParams, SetQuery] {
  const fields = new URLSearchParams(usePlace().split('?')[1] ?? '')
  const set: SetQuery = useCallback((changes) => {
    const next = new URLSearchParams(window.location.search)
    for (const [name, value] of Object.entries(changes))
      if (value === null || value === '') next.delete(name)
      else next.set(name, value)
    const query = next.toString()
    go(window.location.pathname + (query === '' ? '' : `?${query}`), { replace: true })
  }, [])
  return [fields, set]
}

/** `/hosts/:ip` of `/hosts/10.0.0.1` is { ip: '10.0.0.1' }; null: another path. */
export function matchPath(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split('/')
  const given = path.replace(/\/$/, '').split('/')
  if (wanted.length !== given.length && path !== pattern) return null
  const found: Record<string, string> = {}
  for (const [i, part] of wanted.entries()) {
    const value = given[i] ?? ''
    if (part.startsWith(':')) found[part.slice(1)] = decode(value)
    else if (part !== value) return null
  }
  return found
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
