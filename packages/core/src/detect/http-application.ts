/** Which application answers behind the web server: what its pages, headers and cookies give away. */
import { createMatcher, type Known } from './fingerprint.ts'
import { HTTP_BODY_FINGERPRINTS } from './fingerprints/http-body.data.ts'
import { HTTP_COOKIE_FINGERPRINTS } from './fingerprints/http-cookie.data.ts'
import { HTTP_HEADER_FINGERPRINTS } from './fingerprints/http-header.data.ts'
import { type HttpResponse, headerAll } from './http-message.ts'
import { fromCookie, fromGenerator, fromHeader } from './http-self-named.ts'
import { matchTitle } from './http-words.ts'
import { clean } from './text.ts'

const matchHeader = createMatcher(HTTP_HEADER_FINGERPRINTS)
const matchCookie = createMatcher(HTTP_COOKIE_FINGERPRINTS)
/** Generators and addresses stand near the top; beyond this much of a page nothing is looked for. */
const matchBody = createMatcher(HTTP_BODY_FINGERPRINTS, 16_384)

/** Frameworks and languages: worth naming when nothing better is known. */
export const FRAMEWORKS =
  /^(?:PHP|Python http|ASP\.NET|Node\.js Express framework|Ruby Rack|Servlet container|Laravel|Django|Symfony|CakePHP|CodeIgniter|F5 BIG-IP load balancer|Citrix NetScaler|Amazon Elastic|Cloudflare|Amazon S3|Undertow|Yii|Play Framework|Koa|Sails|FuelPHP|Azure|Akamai|Fastly|Amazon|Imperva|Sucuri|Zeus Traffic|Barracuda Load|Alteon|Coyote Point|Juniper DX|mod_pagespeed|Varnish|Spring Boot$|360 |Anquanbao|Pantheon|Kinsta)/

/** What the application itself gives away, best witness first. */
export function application(response: HttpResponse, text: string, title: string | null): Known | null {
  const lines = response.headers.map(([name, value]) => clean(`${name}: ${value}`, 512))
  const cookies = headerAll(response, 'set-cookie').map((cookie) => cookie.split('=', 1)[0]?.trim() ?? '')
  const witnesses: readonly (() => Known | null)[] = [
    () => matchBody(text),
    () => (title === null ? null : matchTitle(title)),
    ...lines.map((line) => () => matchHeader(line)),
    ...cookies.map((cookie) => () => matchCookie(cookie)),
    () => fromGenerator(text),
    ...cookies.map((cookie) => () => fromCookie(cookie)),
    ...response.headers.map(
      ([name, value]) =>
        () =>
          fromHeader(name, clean(value, 64)),
    ),
  ]
  const found = witnesses.map((ask) => ask()).filter((known) => known?.product)
  const versioned = (known: Known | null | undefined) => known?.version
  const own = found.filter((known) => !FRAMEWORKS.test(known?.product ?? ''))
  // Of the witnesses that agree with the first, the one that knows the version.
  const first = own[0] ?? found[0] ?? null
  return found.find((known) => known?.product === first?.product && versioned(known)) ?? first
}
