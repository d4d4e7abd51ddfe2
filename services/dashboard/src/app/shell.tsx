/** What is around every page. */
import { useEffect, useRef, useState } from 'react'
import { mayWith, type Session, signOut, useSession } from '../api/session.ts'
import { Notices } from '../ui/notices.tsx'
import { Page } from '../ui/page.tsx'
import { Empty, Failure } from '../ui/states.tsx'
import { Boundary } from './boundary.tsx'
import { Link } from './link.tsx'
import { LoadedPage } from './loaded-page.tsx'
import { matchPath, usePath } from './router.ts'
import { NAVIGATION, ROUTES } from './routes.ts'
import { SignIn } from './sign-in.tsx'
import { useTheme } from './theme.ts'

export function App() {
  const session = useSession()
  if (session.error && session.data === undefined) return <Failure error={session.error} retry={session.refetch} />
  if (session.isPending) return <Opening />
  return session.data ? <Shell session={session.data} /> : <SignIn />
}

/** As index.html has it, so that nothing moves when this takes its place. */
const Opening = () => (
  <div className="shell">
    <div className="bar">
      <Brand />
    </div>
    <div className="side">
      <Brand />
    </div>
  </div>
)

function Shell({ session }: { readonly session: Session }) {
  const path = usePath()
  const [isOpen, setOpen] = useState(false)
  const main = useRef<HTMLElement>(null)
  const before = useRef(path)
  useEffect(() => {
    if (before.current === path) return
    before.current = path
    setOpen(false)
    main.current?.focus({ preventScroll: true })
  }, [path])
  return (
    <div className="shell">
      <button type="button" className="skip" onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <div className="bar">
        <Brand />
        <button type="button" className="button small" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          Menu
        </button>
      </div>
      <Side path={path} isOpen={isOpen} session={session} />
      <main id="main" className="main" ref={main} tabIndex={-1}>
        <Boundary key={path}>
          <CurrentPage path={path} />
        </Boundary>
      </main>
      <Notices />
    </div>
  )
}

const Brand = () => (
  <Link className="brand" href="/">
    <img src="/favicon.svg" alt="" width={24} height={24} />
    Portolan
  </Link>
)

type SideProps = { readonly path: string; readonly isOpen: boolean; readonly session: Session }

function Side({ path, isOpen, session }: SideProps) {
  const isHere = (to: string) => (to === '/' ? path === '/' : path === to || path.startsWith(`${to}/`))
  return (
    <nav className={`side ${isOpen ? 'open' : ''}`} aria-label="Pages">
      <Brand />
      {NAVIGATION.map(([group, links]) => (
        <div key={group} className="nav-group">
          <p>{group}</p>
          <ul>
            {links.map(([to, name, needed = 'read']) =>
              mayWith(session.scopes, needed) ? (
                <li key={to}>
                  <Link href={to} aria-current={isHere(to) ? 'page' : undefined}>
                    {name}
                  </Link>
                </li>
              ) : null,
            )}
          </ul>
        </div>
      ))}
      <Foot session={session} />
    </nav>
  )
}

const THEME = { system: 'Auto', light: 'Light', dark: 'Dark' } as const

function Foot({ session }: { readonly session: Session }) {
  const [theme, turn] = useTheme()
  return (
    <div className="side-foot small">
      <div>
        <strong>{session.project.name}</strong>
        <div className="quiet">
          {session.keyName} · {session.scopes.join(', ')}
        </div>
      </div>
      <div className="row">
        <button
          type="button"
          className="button small"
          onClick={turn}
          aria-label={`Theme: ${THEME[theme]}`}
          title="Change the theme"
        >
          <span aria-hidden>◐</span> {THEME[theme]}
        </button>
        <button type="button" className="button small" onClick={() => void signOut()}>
          Sign out
        </button>
      </div>
    </div>
  )
}

function CurrentPage({ path }: { readonly path: string }) {
  for (const [pattern, load] of ROUTES) {
    const found = matchPath(pattern, path)
    if (found) return <LoadedPage key={pattern} from={load} found={found} />
  }
  return (
    <Page title="There is no such page">
      <Empty title="Nothing is here" action={<Link href="/">Go to the overview</Link>}>
        The address may be misspelt, or what it led to has moved.
      </Empty>
    </Page>
  )
}
