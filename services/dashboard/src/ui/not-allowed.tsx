import type { Right } from '../api/session.ts'
import { Page } from './page.tsx'
import { Empty } from './states.tsx'

type NotAllowedProps = { readonly title: string; readonly to: string; readonly needed: Right }

/** A page that the key behind the session may not have. The menu does not lead here; an address may. */
export const NotAllowed = ({ title, to, needed }: NotAllowedProps) => (
  <Page title={title}>
    <div className="card">
      <Empty title={`This key may not ${to}`}>
        Sign in with a key that has the right <code>{needed}</code>.
      </Empty>
    </div>
  </Page>
)
