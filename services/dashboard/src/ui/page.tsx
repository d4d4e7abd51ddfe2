import { type ReactNode, useEffect, useId } from 'react'

type PageProps = {
  readonly title: string
  readonly below?: ReactNode
  readonly actions?: ReactNode
  readonly children: ReactNode
}

export function Page({ title, below, actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Portolan`
  }, [title])
  return (
    <div className="page">
      <div className="page-head">
        <div>
          <h1>{title}</h1>
          {below && <div className="quiet">{below}</div>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </div>
      {children}
    </div>
  )
}

type CardProps = {
  readonly title: string
  readonly actions?: ReactNode
  /** Lists and tables go to the edge. */
  readonly flush?: boolean
  readonly children: ReactNode
}

export function Card({ title, actions, flush = false, children }: CardProps) {
  const id = useId()
  return (
    <section className="card" aria-labelledby={id}>
      <header>
        <h2 id={id}>{title}</h2>
        {actions}
      </header>
      <div className={flush ? '' : 'inside'}>{children}</div>
    </section>
  )
}
