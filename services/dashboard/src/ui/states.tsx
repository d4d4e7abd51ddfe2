/** What a page shows when it has nothing to show, not yet, or not at all. Each says what to do. */
import type { ReactNode } from 'react'
import { wordsOf } from '../api/client.ts'

type EmptyProps = { readonly title: string; readonly children?: ReactNode; readonly action?: ReactNode }

export function Empty({ title, children, action }: EmptyProps) {
  return (
    <div className="state">
      <strong>{title}</strong>
      {children && <p>{children}</p>}
      {action}
    </div>
  )
}

/** `tall`: in the place of a list that fills the window. */
export function Waiting({ tall = false }: { readonly tall?: boolean }) {
  return (
    <div className={tall ? 'waiting tall' : 'waiting'}>
      <span className="unseen" role="status">
        Loading
      </span>
    </div>
  )
}

export function Failure({ error, retry }: { readonly error: unknown; readonly retry?: () => unknown }) {
  const { what, advice } = wordsOf(error)
  return (
    <div className="state" role="alert">
      <strong>{what}</strong>
      <p>{advice}</p>
      {retry && (
        <button type="button" className="button" onClick={() => retry()}>
          Try again
        </button>
      )}
    </div>
  )
}

export type Reading<T> = {
  readonly data: T | undefined
  readonly error: unknown
  readonly isPending: boolean
  readonly refetch: () => unknown
}

type ReadyProps<T> = {
  readonly of: Reading<T>
  readonly tall?: boolean
  readonly children: (data: T) => ReactNode
}

/** The three states of everything that is read. */
export function Ready<T>({ of, tall = false, children }: ReadyProps<T>) {
  if (of.data !== undefined) return children(of.data)
  if (of.error) return <Failure error={of.error} retry={of.refetch} />
  return <Waiting tall={tall} />
}
