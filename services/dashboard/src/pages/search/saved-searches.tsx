/** Kept in this browser: which questions somebody asks is theirs. */
import { useState } from 'react'

const KEY = 'portolan.searches'
const MOST = 30

const STARTERS = [
  'state:open changed:<1d',
  'state:open tls.expires:<30d',
  'state:open -has:service',
  'port:22 version:<9.6',
]

function stored(): readonly string[] {
  try {
    const list: unknown = JSON.parse(localStorage.getItem(KEY) ?? '[]')
    return Array.isArray(list) ? list.filter((one) => typeof one === 'string') : []
  } catch {
    return []
  }
}

type SavedSearchesProps = { readonly current: string; readonly onLook: (q: string) => void }

export function SavedSearches({ current, onLook }: SavedSearchesProps) {
  const [saved, setSaved] = useState(stored)
  const keep = (next: readonly string[]) => {
    localStorage.setItem(KEY, JSON.stringify(next))
    setSaved(next)
  }
  const isSaved = saved.includes(current)
  return (
    <div className="row">
      {(saved.length > 0 ? saved : STARTERS).map((q) => (
        <button key={q} type="button" className="button small" aria-pressed={q === current} onClick={() => onLook(q)}>
          <code>{q}</code>
        </button>
      ))}
      <button
        type="button"
        className="button plain small"
        onClick={() => keep(isSaved ? saved.filter((q) => q !== current) : [...saved, current].slice(-MOST))}
      >
        {isSaved ? 'Forget this search' : 'Save this search'}
      </button>
    </div>
  )
}
