/** The web page, as services/dashboard built it: plain files, served from here and nowhere else. */
import { existsSync } from 'node:fs'
import path from 'node:path'
import express, { type Express, type RequestHandler } from 'express'

/** Where the build puts it; there is nothing to serve until it has run. */
const BUILT = path.resolve(import.meta.dirname, '../../../dashboard/dist')

/** Everything comes from this origin, scripts and styles are files, and no page may frame this one. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ')

/** Mount it last: whatever has a route is not a page. */
export function mountDashboard(app: Express, folder: string = BUILT): void {
  // The build puts a hash of their contents into these names, so what was fetched once never changes.
  app.use('/assets', express.static(path.join(folder, 'assets'), { index: false, immutable: true, maxAge: '1y' }))
  app.use(express.static(folder, { index: false, maxAge: '1h' }))
  app.use(pageFor(path.join(folder, 'index.html')))
}

/** What to do where there is no page; it need not be restarted, the next request finds it. */
const UNBUILT = `The dashboard has not been built: run "npm run dashboard" where the service is installed, then reload.
The API works without it: its reference is at /docs.
`

/** One page shows every path a person can open: it reads the path itself. */
function pageFor(page: string): RequestHandler {
  return (request, response, next) => {
    if (!existsSync(page)) {
      if (request.path !== '/' && !isNavigation(request)) return next()
      return response.status(503).set('Cache-Control', 'no-store').type('text/plain').send(UNBUILT)
    }
    if (!isNavigation(request)) return next()
    response.set({ 'Content-Security-Policy': POLICY, 'Cache-Control': 'no-cache', Vary: 'Accept' })
    response.sendFile(page, { cacheControl: false })
  }
}

/** A file that is not there must not be answered with the page. Paths may end in addresses and host names. */
const FILE = /\.(css|gif|ico|jpe?g|js|json|map|png|svg|txt|webmanifest|webp|woff2?|xml)$/i

/** What a browser asks for when somebody opens a link: not a file that is missing, and nothing of the API. */
function isNavigation({ method, path: asked, headers }: Parameters<RequestHandler>[0]): boolean {
  const { accept = '', 'sec-fetch-dest': target = 'document' } = headers
  const isApi = /^\/(v1|docs|problems|assets|admin)(\/|$)/.test(asked)
  // Of the first page whatever takes anything may have it: curl says no more.
  const wanted = accept.includes('text/html') || (asked === '/' && accept.includes('*/*'))
  return /^(GET|HEAD)$/.test(method) && wanted && target === 'document' && !FILE.test(asked) && !isApi
}
