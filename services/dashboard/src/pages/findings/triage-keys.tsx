/** Going through findings without a mouse. */
import { useEffect, useEffectEvent, useState } from 'react'
import { Dialog } from '../../ui/dialog.tsx'
import type { Deed } from './finding-dialog.tsx'

const DEEDS: Readonly<Record<string, Deed>> = { a: 'acknowledge', s: 'snooze', g: 'assign', c: 'comment' }

const KEYS: readonly (readonly [string, string])[] = [
  ['j', 'next finding'],
  ['k', 'previous finding'],
  ['a', 'acknowledge, with a reason'],
  ['s', 'snooze, with a reason'],
  ['g', 'assign'],
  ['c', 'comment'],
  ['?', 'these keys'],
]

type TriageOptions = {
  readonly isActive: boolean
  readonly onMove: (step: 1 | -1) => void
  readonly onDeed: (deed: Deed) => unknown
}

export function useTriageKeys({ isActive, onMove, onDeed }: TriageOptions) {
  const [isOpen, setOpen] = useState(false)
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const isTyping = event.target instanceof Element && event.target.closest('input, textarea, select, dialog') !== null
    if (!isActive || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    const deed = DEEDS[event.key]
    if (event.key === 'j') onMove(1)
    else if (event.key === 'k') onMove(-1)
    else if (event.key === '?') setOpen(true)
    else if (deed) onDeed(deed)
    else return
    event.preventDefault()
  })
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event)
    window.addEventListener('keydown', listen)
    return () => window.removeEventListener('keydown', listen)
  }, [])
  return { isOpen, close: () => setOpen(false) }
}

export function Shortcuts({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="stack">
        <dl className="facts">
          {KEYS.map(([key, what]) => (
            <div key={key} className="fact">
              <dt>
                <kbd>{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
        <div className="actions">
          <button type="button" className="button" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    </Dialog>
  )
}
