import type { ReactNode } from 'react'
import { Page } from './page.tsx'
import { Failure, type Reading, Waiting } from './states.tsx'

type ReadyPageProps<T> = {
  readonly of: Reading<T>
  /** Until it is known what the page is about, and where it cannot be known. */
  readonly title: string
  readonly children: (data: T) => ReactNode
}

/** A page about one thing, which has to be read before the page can say its name. */
export function ReadyPage<T>({ of, title, children }: ReadyPageProps<T>) {
  if (of.data !== undefined) return children(of.data)
  return <Page title={title}>{of.error ? <Failure error={of.error} retry={of.refetch} /> : <Waiting />}</Page>
}
