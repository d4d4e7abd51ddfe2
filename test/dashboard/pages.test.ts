/** Every page, filled: readable by everybody (WCAG 2.2 AA, judged by axe), in both themes, on a telephone too. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { createDb } from '@portolan/db/client.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const HOSTILE = '<script>window.hacked = 1</script>\u202e<img src=x onerror="window.hacked = 1">'
const MINUTE = 60_000

const PAGES = [
  '/',
  '/search?q=state:open',
  '/hosts',
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
  '/nowhere',
]

describe.skipIf(!hasChromium)(`every page of the dashboard${chromiumNote}`, () => {
  let open: OpenPage
  const ids: Record<string, string> = {}

  beforeAll(async () => {
    open = await openPage()
    const { api } = open
    const made = async (path: string, body: object) => String((await api.send('POST', path, body)).json.id)
    ids.POLICY = await made('/v1/policies', { name: 'perimeter', document: { rules: [] } })
    ids.SCHEDULE = await made('/v1/schedules', {
      name: 'nightly',
      scan: { targets: ['127.0.0.1'] },
      cron: '30 2 * * *',
    })
    ids.WEBHOOK = await made('/v1/webhooks', { name: 'on-call', url: 'https://hooks.example.org/', events: ['*'] })
    await api.send('POST', `/v1/webhooks/${ids.WEBHOOK}/test`)
    await using db = createDb(api.databaseUrl)
    const before = await pastScan(db.pool, { seen: [] })
    const service = { name: 'https', product: HOSTILE, version: '1.0', hostname: 'www.example.org' }
    const certificate = { sha256: 'ab'.repeat(32), notAfter: '2027-01-01T00:00:00.000Z' }
    ids.SCAN = await pastScan(db.pool, { seen: [{ at: '127.0.0.1:22', service, certificate }, { at: '127.0.0.2:23' }] })
    const asked = await made('/v1/scans', { targets: ['127.0.0.0/29'], ports: '1-100' })
    await db.pool.query('UPDATE scans SET request = (SELECT request FROM scans WHERE id = $2) WHERE id = ANY ($1)', [
      [before, ids.SCAN],
      asked,
    ])
    await open.signIn()
  }, 120_000)
  afterAll(() => open[Symbol.asyncDispose]())

  const visit = async (path: string) => {
    const { page, api } = open
    await page.goto(api.url + path.replace(/[A-Z]{2,}$/, (name) => ids[name] ?? name))
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

  test.each(PAGES)(
    '%s',
    async (path) => {
      const { page, trouble } = open
      for (const colorScheme of ['light', 'dark'] as const) {
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.setViewportSize({ width: 1280, height: 900 })
        await visit(path)
        expect(await flaws(), colorScheme).toEqual([])
        expect(await page.getByRole('alert').allTextContents()).toEqual([])
      }
      await page.setViewportSize({ width: 390, height: 844 })
      const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - window.innerWidth')
      expect(overflow, 'wider than a telephone').toBeLessThanOrEqual(0)
      expect(await page.evaluate(() => 'hacked' in globalThis)).toBe(false)
      expect(trouble).toEqual([])
    },
    MINUTE,
  )

  test(
    'a key that may only read is shown nothing to write with',
    async () => {
      const { page, api } = open
      const { json } = await api.send('POST', '/v1/keys', { name: 'reader', scopes: ['read'] })
      await page.setViewportSize({ width: 1280, height: 900 })
      await page.goto(api.url)
      await page.getByRole('button', { name: 'Sign out' }).click()
      await page.getByLabel('API key').fill(String(json.token))
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
      for (const path of ['/scans', '/findings', '/policies', '/schedules', '/scopes']) {
        await visit(path)
        const names = await page.locator('main').getByRole('button').allTextContents()
        expect(
          names.filter((name) => /new|add|create|delete|acknowledge|snooze|pause|run now/i.test(name)),
          path,
        ).toEqual([])
      }
    },
    MINUTE,
  )
})
