/**
 * Where everybody's software names itself in the same form, so that no fingerprint is needed:
 *
 *   <meta name="generator" content="Name 1.2">            fromGenerator
 *   Set-Cookie: _name_session=...   name_sid=...          fromCookie, of known names only: sites name their sessions too
 *   X-Name-Version: 1.2   X-Name-Request-Id: ...          fromHeader, of known names only: so do their operators
 *   X-Generator: Name 1.2   Composed-By: Name 1.2 @ ...  fromHeader too
 *   X-Powered-By: Name/1.2                                fromPoweredBy, the weakest: often a library of it
 */
import type { Known } from './fingerprint.ts'
import { PRODUCT_NAMES } from './fingerprints/product-names.data.ts'
import { isCoined } from './greeting-subject.ts'
import { matchTitle } from './http-words.ts'
import { nameAndVersion } from './name-version.ts'
import { isNobody } from './nobody.ts'
import { clean } from './text.ts'
import { slashVersion, upstream } from './version.ts'

const GENERATOR =
  /<meta\s[^>]{0,60}?name=["']?generator["']?\s[^>]{0,60}?content=(?:"([^">]{2,160})|'([^'>]{2,160}))|<meta\s[^>]{0,60}?content=["']([^"'>]{2,160})["']\s[^>]{0,60}?name=["']?generator\b/i
/** Where somebody wrote a page is not what serves it. */
const EDITORS =
  /^(?:Microsoft (?:FrontPage|Word|Excel|PowerPoint|Publisher|Visual|Office|MSHTML|Expression)|MSHTML|(?:Adobe|Macromedia) (?!Experience|ColdFusion)|Dreamweaver|FrontPage|Mozilla|Netscape|HTML ?Tidy|(?:Libre|Open|Star|Free)Office|NetObjects|Claris|iWeb|Namo|KompoZer|Nvu|BBEdit|Vim?\b|Emacs|GNU Emacs|Bluefish|HomeSite|HoTMetaL|RapidWeaver|Web(?:Plus|Expert|Easy|Editor)|Quanta|Amaya|Arachnophilia|Doxygen|Javadoc|Sphinx|Docutils|DocBook|Asciidoc\w*|pandoc|LaTeX|TeX|texi|groff|man2html|makeinfo|rdoc|txt2|WebSphere Studio|Sausage|CoffeeCup|Notepad|UltraEdit|Hype|Muse|Canva)/i

export function fromGenerator(html: string): Known | null {
  const found = GENERATOR.exec(html)
  if (found === null) return null
  const text = clean(found[1] ?? found[2] ?? found[3] ?? '', 160)
  const told = text.replace(/ ?[-–,(]? ?(?:\bcopyright\b|©|\(c\)|https?:\/\/|\(?aka\b|\bby\b|\bsee\b).*$/i, '')
  return EDITORS.test(told) ? null : named(told, PROPER)
}

/** What a session is called around the name of its product. */
const SESSION_WORDS =
  /[-_.]?(?:sess(?:ion)?(?:id|front|admin)?|sid|id|auth|token|cookie|anonymous|string|lang(?:uage)?|user|[cx]srf|ssid|[0-9a-f]{6,64})$/i

export function fromCookie(name: string): Known | null {
  let word = name.replace(/[[(].*$/, '').replace(/^[._-]+/, '')
  for (let i = 0; i < 4 && SESSION_WORDS.test(word) && word.length > 4; i++) word = word.replace(SESSION_WORDS, '')
  return knownByName(word)
}

/** Names that headers bear on their way through, whoever sent them. */
const PASSING = /^(?:zipkin|jaeger|sentry|skywalking|motion|matomo|piwik|hue)$/

/** Headers that are there to say it. */
const STATEMENTS =
  /^(?:x-generator|generator|composed-by|x-powered-cms|x-cms|x-cms-engine|x-redirect-by|x-protected-by)$/

export function fromHeader(name: string, value: string): Known | null {
  if (STATEMENTS.test(name)) return named(value.replace(/ ?[@(].*$/, ''), PROPER)
  const parts = name.split('-')
  if (parts[0] !== 'x' || parts.length < 2) return null
  for (const words of [parts.slice(1, 3).join(''), parts[1] ?? '']) {
    const known = PASSING.test(words) ? null : knownByName(words)
    if (known === null) continue
    const version = /version$/.test(name) ? slashVersion(value) : null
    return version === null ? known : { ...known, version: upstream(version) }
  }
  return null
}

export function fromPoweredBy(value: string): Known | null {
  return /^[A-Za-z][\w.+ /(!-]{1,60}/.test(value) && !/\.(?:com|net|org)\b/i.test(value) ? named(value, SOFTWARE) : null
}

/** `Name 1.2`, with what is known of a product of this name; a name that nothing speaks for must look `credible`. */
function named(text: string, credible: RegExp): Known | null {
  const { name, version } = nameAndVersion(text, slashVersion)
  if (name.length < 2 || name.length > 60 || name.split(' ').length > 5) return null
  const known = matchTitle(name)
  if (isNobody(name) || !(known !== null || version !== null || isCoined(name) || credible.test(name))) return null
  return { ...(known ?? { product: name }), ...(version === null ? {} : { version }) }
}

/** `Zorquib CMS`: said to be software, where `coffee and love` is not. */
const SOFTWARE =
  /^[a-z]{0,2}[A-Z]\w+ (?:CMS|CMF|Framework|Server|Portal|Engine|Publish|Platform|Wiki|Forum|Shop|Commerce)\b/

/** Where the question is which software it is, a proper name is enough. */
const PROPER = /^[A-Z][\w!.-]+(?: [A-Z][\w!.-]*)*$/

const letters = (text: string): string => text.toLowerCase().replace(/[^a-z0-9]/g, '')
let byLetters: ReadonlyMap<string, Known> | undefined

/** Of names of one word, or written as one: `snipeit` is Snipe-IT. */
function knownByName(word: string): Known | null {
  byLetters ??= new Map(
    PRODUCT_NAMES.map(({ product, vendor, examples }) => {
      const name = Object.keys(examples)[0] ?? ''
      return [letters(name), { product: product ?? name, ...(vendor === undefined ? {} : { vendor }) }]
    }),
  )
  const key = letters(word)
  return key.length < 4 ? null : (byLetters.get(key) ?? null)
}
