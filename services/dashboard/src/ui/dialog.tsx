import { type ReactNode, useLayoutEffect, useRef } from 'react'

type DialogProps = {
  readonly title: string
  readonly onClose: () => void
  readonly wide?: boolean
  readonly children: ReactNode
}

/** The browser's own: it keeps the focus inside, closes on Escape and gives the focus back. */
export function Dialog({ title, onClose, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null)
  // Before React takes it off the page: only a dialog that is closed gives the focus back.
  useLayoutEffect(() => {
    const shown = dialog.current
    shown?.showModal()
    return () => shown?.close()
  }, [])
  return (
    <dialog
      ref={dialog}
      className={`dialog ${wide ? 'wide' : ''}`}
      aria-label={title}
      onCancel={onClose}
      onClose={onClose}
    >
      <h2>{title}</h2>
      {children}
    </dialog>
  )
}

type ConfirmProps = {
  readonly title: string
  readonly verb: string
  readonly children: ReactNode
  readonly onConfirm: () => void
  readonly onClose: () => void
}

export function Confirm({ title, verb, children, onConfirm, onClose }: ConfirmProps) {
  const confirm = () => {
    onConfirm()
    onClose()
  }
  return (
    <Dialog title={title} onClose={onClose}>
      <div className="form">
        <p>{children}</p>
        <div className="actions">
          <button type="button" className="button danger" onClick={confirm}>
            {verb}
          </button>
          <button type="button" className="button" onClick={onClose}>
            Keep it
          </button>
        </div>
      </div>
    </Dialog>
  )
}
