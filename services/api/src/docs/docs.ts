/** The contract for machines (/openapi.json) and for people (/docs). Everything is served from here, nothing from afar. */
import { createRequire } from 'node:module'
import path from 'node:path'
import express, { type Router } from 'express'
import { openApiDocument } from './document.ts'

const ASSETS = path.dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'))
const SERVED = ['swagger-ui.css', 'swagger-ui-bundle.js', 'favicon-32x32.png']

/** Styles and scripts come from here alone; Swagger UI sets the style of single elements by script, which is no inline style. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

const PAGE = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Portolan API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
<div id="reference"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
`

const START = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#reference', deepLinking: true, validatorUrl: null })\n`

export function mountDocs(app: Router): void {
  let document: string | undefined
  app.get('/openapi.json', (_request, response) => {
    document ??= JSON.stringify(openApiDocument())
    response.type('application/json').set('Cache-Control', 'no-cache').send(document)
  })
  app.get('/docs', (_request, response) => {
    response.type('html').set('Content-Security-Policy', POLICY).send(PAGE)
  })
  app.get('/docs/start.js', (_request, response) => {
    response.type('text/javascript').send(START)
  })
  const assets = express.static(ASSETS, { index: false, maxAge: '1h' })
  app.get(
    SERVED.map((file) => `/docs/${file}`),
    (request, response, next) => {
      request.url = request.url.slice('/docs'.length)
      assets(request, response, next)
    },
  )
}
