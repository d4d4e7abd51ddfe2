/** Short messages about what was just done, read out by screen readers, gone by themselves. */
import { useSyncExternalStore } from 'react'

type Notice = { readonly id: number; readonly text: string; readonly kind: 'done' | 'failed' }

const SHOWN = 6_000
let notices: readonly Notice[] = []
let last = 0
const listeners = new Set<() => void>()

function change(next: readonly Notice[]): void {
  notices = next
  for (const listener of listeners) listener()
}

export function notify(text: string, kind: Notice['kind'] = 'done'): void {
  const id = ++last
  change([...notices.slice(-3), { id, text, kind }])
  setTimeout(() => dismiss(id), kind === 'failed' ? 2 * SHOWN : SHOWN)
}

const dismiss = (id: number) => change(notices.filter((notice) => notice.id !== id))

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Notices() {
  const shown = useSyncExternalStore(subscribe, () => notices)
  return (
    <div className="notices" role="status" aria-live="polite">
      {shown.map(({ id, text, kind }) => (
        <div key={id} className={`notice ${kind}`}>
          <span>{text}</span>
          <button type="button" className="button plain small" onClick={() => dismiss(id)}>
            Dismiss
          </button>
        </div>
      ))}
    </div>
  )
}
