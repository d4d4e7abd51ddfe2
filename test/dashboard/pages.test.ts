/** Every page, filled: readable by everybody (WCAG 2.2 AA, judged by axe), in both themes, on a telephone too. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createDb } from '@portolan/db/client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'
import { liveThrough } from './fortnight.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOSTILE = '<script>window.hacked = 1</script>\u202e<img src=x onerror="window.hacked = 1">'
const MINUTE = 60_000
/** Of the layout, in shares of the window; 0.1 is what browsers call good. */
const MOST_SHIFT = 0.02

/** On one page: the rest are more of the same, one for each line of a list. */
const MOST_BUTTONS = 8

const PAGES = [
  '/',
  '/search?q=state:open',
  '/hosts',
  '/hosts/198.51.100.31',
  '/hosts/127.0.0.1',
  '/changes',
  '/findings',
  '/policies',
  '/policies/new',
  '/policies/POLICY',
  '/schedules',
  '/schedules/SCHEDULE',
  '/webhooks',
  '/webhooks/WEBHOOK',
  '/scopes',
  '/keys',
  '/workers',
  '/audit',
  '/ports',
  '/ports/22',
  '/check',
  '/scans',
  '/scans/new',
  '/scans/SCAN',
  '/scans/SCAN?view=matrix',
  '/scans/SCAN?view=compare',
  '/scans/SCAN?view=about',
  '/nowhere',
]

describe.skipIf(!hasChromium)(`every page of the dashboard${chromiumNote}`, () => {
  let open: OpenPage
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    open = await openPage()
    const { api } = open
    const latest = await liveThrough(api)
    const firstOf = async (path: string) => {
      // because every list of the API has items with ids
      const { items } = (await api.send('GET', path)).json as { items: { id: string }[] }
      return items[0]?.id ?? ''
    }
    ids.POLICY = await firstOf('/v1/policies')
    ids.SCHEDULE = await firstOf('/v1/schedules')
    ids.WEBHOOK = await firstOf('/v1/webhooks')
    await using db = createDb(api.databaseUrl)
    const service = { name: 'https', product: HOSTILE, version: HOSTILE, hostname: 'www.example.org', info: HOSTILE }
    const certificate = { sha256: 'ab'.repeat(32), notAfter: '2027-01-01T00:00:00.000Z', subject: HOSTILE }
    await pastScan(db.pool, { seen: [] })
    ids.SCAN = await pastScan(db.pool, {
      seen: [{ at: '127.0.0.1:22', service, certificate, evidence: HOSTILE }, { at: '127.0.0.2:23' }],
    })
    await db.pool.query('UPDATE scans SET request = (SELECT request FROM scans WHERE id = $1) WHERE request = $2', [
      latest,
      {},
    ])
    await open.signIn()
  }, 180_000)
  afterAll(() => open[Symbol.asyncDispose]())

  const visit = async (path: string) => {
    const { page, api } = open
    await page.goto(api.url + path.replace(/[A-Z]{2,}/, (name) => ids[name] ?? name))
    await page.locator('main h1').first().waitFor()
    await page.locator('main .waiting').first().waitFor({ state: 'detached' })
  }

  /** What axe has against the page, one line each. */
  const flaws = async (): Promise<readonly string[]> => {
    await open.page.evaluate(AXE)
    return open.page.evaluate(async () => {
      // because axe has just put itself there
      const { axe } = globalThis as unknown as { axe: { run(context: object, options: object): Promise<never> } }
      const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa']
      const result: { violations: { id: string; nodes: { html: string }[] }[] } = await axe.run(
        { include: [['html']] },
        {
          runOnly: { type: 'tag', values: tags },
        },
      )
      return result.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html.slice(0, 200)}`)
    })
  }

  const overflow = () => open.page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')

  test.each(PAGES)(
    '%s',
    async (path) => {
      const { page, trouble } = open
      const shifted = () => page.evaluate<number>('shifted')
      await page.setViewportSize({ width: 1280, height: 900 })
      await visit(path)
      expect(await page.getByRole('alert').allTextContents()).toEqual([])
      expect(await shifted(), 'moved while it was loaded').toBeLessThan(MOST_SHIFT)
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        expect(await flaws(), colorScheme).toEqual([])
      }
      expect(await page.getByRole('alert').allTextContents()).toEqual([])
      await page.setViewportSize({ width: 3840, height: 2160 })
      expect(await overflow(), 'wider than a 4k screen').toBeLessThanOrEqual(0)
      await page.setViewportSize({ width: 390, height: 844 })
      await visit(path)
      expect(await overflow(), 'wider than a telephone').toBeLessThanOrEqual(0)
      expect(await shifted(), 'moved on a telephone').toBeLessThan(MOST_SHIFT)
      expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
      expect(trouble).toEqual([])
    },
    2 * MINUTE,
  )

  test(
    'a key that may only read is shown nothing to write with, on any page',
    async () => {
      const { page, api, trouble } = open
      const { json } = await api.send('POST', '/v1/keys', { name: 'reader', scopes: ['read'] })
      await page.setViewportSize({ width: 1280, height: 900 })
      await open.signIn(String(json.token))
      const written: string[] = []
      page.on('request', (request) => {
        // Trying a policy on what is known writes nothing.
        if (request.method() !== 'GET' && !request.url().endsWith('/v1/policies/evaluate'))
          written.push(`${request.method()} ${request.url()}`)
      })
      for (const path of PAGES) {
        await visit(path)
        const main = page.locator('main')
        expect(await main.locator('a[href$="/new"], a[href*="/new?"]').count(), path).toBe(0)
        const count = Math.min(await main.getByRole('button').count(), MOST_BUTTONS)
        for (let i = 0; i < count; i++) {
          const button = main.getByRole('button').nth(i)
          const name = await button.textContent()
          const before = page.url()
          if (await button.isEnabled()) await button.click()
          expect(await page.locator('dialog form').count(), `${path}: ${name}`).toBe(0)
          await page.keyboard.press('Escape')
          if (page.url() !== before) await visit(path)
        }
      }
      expect(written).toEqual([])
      expect(trouble).toEqual([])
    },
    5 * MINUTE,
  )
})
