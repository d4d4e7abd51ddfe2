import { createServer } from 'node:net'

export type Listening = { readonly host: string; readonly port: number }

/** Before anything is started: the most common mistake is to start it twice. Throws in words for the user. */
export async function refuseTakenPort({ host, port }: Listening): Promise<void> {
  const server = createServer()
  const failure = await new Promise<NodeJS.ErrnoException | null>((done) => {
    server.once('error', done).listen(port, host, () => done(null))
  })
  if (failure === null) return new Promise((done) => server.close(() => done()))
  if (failure.code !== 'EADDRINUSE') throw new Error(`cannot listen on ${host}:${port}: ${failure.message}`)
  throw new Error(`port ${port} on ${host} is taken; set PORT to another one, or stop what uses it`)
}

export const urlOf = ({ host, port }: Listening): string => `http://${host.includes(':') ? `[${host}]` : host}:${port}`

/** Resolves when the API there can do its work. A wildcard address is asked for on loopback. */
export async function answersAt({ host, port }: Listening): Promise<boolean> {
  const asked = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return fetch(`${urlOf({ host: asked, port })}/readyz`).then(
    (response) => response.ok,
    () => false,
  )
}
