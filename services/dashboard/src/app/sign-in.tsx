import { type FormEvent, useEffect, useState } from 'react'
import { wordsOf } from '../api/client.ts'
import { signIn } from '../api/session.ts'
import { Input } from '../ui/field.tsx'

/** The key goes to the service once and is kept nowhere: from then on a cookie that no script can read says who we are. */
export function SignIn() {
  const [key, setKey] = useState('')
  const [wrong, setWrong] = useState<string | null>(null)
  const [isBusy, setBusy] = useState(false)
  useEffect(() => {
    document.title = 'Sign in · Portolan'
  }, [])
  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    setWrong(null)
    try {
      await signIn(key.trim())
    } catch (error) {
      setWrong(wordsOf(error).what)
      setBusy(false)
    }
  }
  return (
    <main className="sign-in">
      <form className="card" onSubmit={submit}>
        <div className="brand">
          <img src="/favicon.svg" alt="" width={28} height={28} />
          <h1>Portolan</h1>
        </div>
        <Input
          label="API key"
          type="password"
          name="key"
          autoComplete="current-password"
          required
          autoFocus
          value={key}
          onChange={(event) => setKey(event.target.value)}
          wrong={wrong}
          hint="The first one was printed when the service started."
        />
        <button type="submit" className="button primary" disabled={isBusy || key.trim() === ''}>
          {isBusy ? 'Signing in…' : 'Sign in'}
        </button>
        <p className="quiet small">
          Lost it? <code>npm start -- --new-key</code> makes another.
        </p>
      </form>
    </main>
  )
}
