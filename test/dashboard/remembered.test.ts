/** What the dashboard says about a fortnight that has passed: then and now, each host, each port, each byte. */
import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'
import { liveThrough } from './fortnight.ts'

const DAY = 86_400_000
const MANY = 20_000

describe.skipIf(!hasChromium)(`what the dashboard remembers${chromiumNote}`, { timeout: 120_000 }, () => {
  let open: OpenPage
  let scan = ''

  beforeAll(async () => {
    open = await openPage()
    scan = await liveThrough(open.api)
    await open.signIn()
  }, 180_000)
  afterAll(() => open[Symbol.asyncDispose]())
  const go = (path: string) => open.page.goto(open.api.url + path)
  const button = (name: string | RegExp) => open.page.getByRole('button', { name })
  const dialog = () => open.page.getByRole('dialog')
  const card = (name: string) => open.page.getByRole('region', { name, exact: true })
  const focused = () => open.page.evaluate<string | null>("document.activeElement?.getAttribute('aria-label')")

  test('the overview: what is exposed now and before, findings, changes, schedules, scans at work, vantages', async () => {
    const { page, api } = open
    await go('/')
    const { json } = await api.send('GET', '/v1/endpoints?q=state:open&limit=1000')
    // because a page of endpoints has items
    const { length } = json.items as unknown[]
    await page.getByRole('link', { name: `${length} open endpoints` }).waitFor()
    await page.getByRole('link', { name: /^[1-9]\d* critical findings$/ }).waitFor()
    await page.getByRole('img', { name: new RegExp(`^From \\d+ open endpoints on .* to ${length} now`) }).waitFor()
    await card('Latest changes').getByText('Elasticsearch 8.14.1').waitFor()
    expect(await card('Schedules').getByRole('listitem').first().textContent()).toMatch(/last .*next .*not run yet/)
    expect(await card('Scans').getByRole('progressbar').getAttribute('aria-valuenow')).toBe('42')
    expect(await card('Vantages').getByRole('listitem').filter({ hasText: 'internet-us' }).textContent()).toMatch(
      /no worker alive/,
    )
  })

  test('findings are gone through by keyboard, and the line that closes a port is copied', async () => {
    const { page, api } = open
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'], { origin: api.url })
    await go('/findings')
    const chosen = page.locator('.findings .chosen .mono')
    const first = await chosen.textContent()
    await page.keyboard.press('j')
    await expect.poll(() => chosen.textContent()).not.toBe(first)
    await page.keyboard.press('k')
    await expect.poll(() => chosen.textContent()).toBe(first)
    await page.keyboard.press('?')
    await dialog().getByText('acknowledge, with a reason').waitFor()
    await page.keyboard.press('Escape')
    await button('Copy').first().click()
    await page.getByRole('status').getByText('Copied').waitFor()
    const [ip, port] = first?.split(/[:/]/) ?? []
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toMatch(new RegExp(`^ufw .*${ip}.*${port}`))
  })

  test('light or dark as somebody likes it, from the first paint on', async () => {
    const { page } = open
    await page.emulateMedia({ colorScheme: 'light' })
    await go('/scans')
    const theme = () => page.evaluate<string>('document.documentElement.dataset.theme ?? ""')
    const start = page.getByRole('link', { name: 'New scan' })
    const colours = () =>
      start.evaluate((link) => {
        const { color, backgroundColor } = link.ownerDocument.defaultView?.getComputedStyle(link) ?? {}
        return [color, backgroundColor]
      })
    const before = await colours()
    await start.hover()
    expect(await colours()).toEqual(before)
    const back = () => page.evaluate<string>('getComputedStyle(document.documentElement).backgroundColor')
    const light = await back()
    await button('Theme: Auto').click()
    await button('Theme: Light').click()
    await button('Theme: Dark').waitFor()
    const dark = await back()
    expect(dark).not.toBe(light)
    await page.reload({ waitUntil: 'commit' })
    await expect.poll(theme).toBe('dark')
    await button('Theme: Dark').click()
    expect([await theme(), await back()]).toEqual(['', light])
    const numbers = page.getByRole('columnheader', { name: 'Probes' })
    expect(await numbers.evaluate((cell) => cell.ownerDocument.defaultView?.getComputedStyle(cell).textAlign)).toBe(
      'right',
    )
  })

  test('moved back in time by keyboard, a search shows what was open then', async () => {
    const { page, api } = open
    await go('/search')
    const heading = page.getByRole('heading', { name: /endpoints/ })
    const now = await heading.textContent()
    await page.getByLabel('As it was').focus()
    for (let days = 0; days < 10; days++) await page.keyboard.press('ArrowLeft')
    await expect.poll(() => new URL(page.url()).searchParams.get('at')).not.toBeNull()
    const at = () => new URL(page.url()).searchParams.get('at') ?? ''
    await expect.poll(() => Math.round((Date.now() - Date.parse(at())) / DAY)).toBe(10)
    const { json } = await api.send('GET', `/v1/endpoints?q=state:open&limit=1000&at=${at()}`)
    // because a page of endpoints has items
    const { length } = json.items as unknown[]
    await page.getByRole('heading', { name: `${length} endpoints` }).waitFor()
    expect(now).not.toBe(`${length} endpoints`)
    expect(await page.getByText('Elasticsearch').count()).toBe(0)
    await button('Back to now').click()
    await page.getByText('Elasticsearch').first().waitFor()
  })

  test('a search is kept in this browser, found again and forgotten', async () => {
    const { page } = open
    await go('/search')
    const box = page.getByRole('combobox', { name: 'Search endpoints' })
    await box.fill('port:')
    await page.locator('.query .wrong').waitFor()
    await box.fill('product:Redis')
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: '1 endpoint' }).waitFor()
    await button('Save this search').click()
    await go('/search')
    await button('product:Redis').click()
    await page.getByRole('heading', { name: '1 endpoint' }).waitFor()
    await button('Forget this search').click()
    await button('Save this search').waitFor()
    await go('/search')
    expect(await button('product:Redis').count()).toBe(0)
  })

  test('a host: the history of a port, its certificates, who sees it, and what listens on it', async () => {
    const { page } = open
    await go('/hosts/198.51.100.16')
    await button('History of 198.51.100.16:22/tcp from office').click()
    await dialog().getByText('version changed').waitFor()
    expect(await dialog().locator('.what').textContent()).toBe('OpenSSH 8.4p1 → OpenSSH 9.6p1')
    expect(await dialog().locator('time').first().getAttribute('title')).toMatch(/\d\d:\d\d:\d\d UTC$/)
    await page.keyboard.press('Escape')
    await go('/hosts/198.51.100.17')
    const certificates = card('Certificates').getByRole('row', { name: /443\/tcp/ })
    expect(await certificates.first().textContent()).toMatch(/soon.*[0-9a-f]{64}/)
    const matrix = page.getByRole('region', { name: 'Ports by vantage' })
    expect(await matrix.getByRole('row', { name: /^22\/tcp/ }).textContent()).toBe('22/tcpnot seenopen')
    expect(await matrix.getByRole('row', { name: /^443\/tcp/ }).textContent()).toBe('443/tcpopenopen')
    await go('/hosts/198.51.100.31')
    const reach = page.getByRole('table', { name: 'Listeners and reach' })
    expect(await reach.getByRole('row', { name: /^6379/ }).textContent()).toMatch(/reachable.*redis-server on 0.0.0.0/)
    expect(await reach.getByRole('row', { name: /^9187/ }).textContent()).toMatch(/local.*postgres_exporter/)
  })

  test('what a port sent is there as text and as bytes, and neither hides a character', async () => {
    const { page } = open
    await go(`/scans/${scan}?host=198.51.100.31&port=5432`)
    await button('Show the evidence for 198.51.100.31:5432/tcp').click()
    const evidence = dialog().locator('.evidence')
    await expect.poll(() => evidence.textContent()).toBe('\\x00\\x00\\x01R')
    await dialog().getByRole('button', { name: 'Hex' }).click()
    expect(await evidence.textContent()).toBe(`00000000  00 00 01 52${' '.repeat(38)}...R`)
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('Show the evidence for 198.51.100.31:5432/tcp')
  })

  test('hosts by ports is one stop of Tab, walked by arrows; Enter opens a cell and Escape comes back to it', async () => {
    const { page } = open
    await go(`/scans/${scan}?view=matrix`)
    const first = page.getByRole('grid').getByRole('link').first()
    await first.focus()
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('198.51.100.10 22/tcp: ssh OpenSSH')
    await page.keyboard.press('ArrowRight')
    expect(await focused()).toBe('198.51.100.10 23/tcp: not open')
    await page.keyboard.press('Control+End')
    await page.keyboard.press('ArrowUp')
    expect(await focused()).toBe('198.51.100.77 9200/tcp: not open')
    for (const key of ['Control+Home', 'PageDown', 'ArrowDown', 'End', 'ArrowLeft', 'ArrowLeft'])
      await page.keyboard.press(key)
    expect(await focused()).toBe('198.51.100.31 6379/tcp: redis Redis')
    await page.keyboard.press('Enter')
    await dialog().getByText('NOAUTH').waitFor()
    await page.keyboard.press('Escape')
    expect(await focused()).toBe('198.51.100.31 6379/tcp: redis Redis')
    await page.keyboard.press('Tab')
    expect(await page.getByRole('grid').locator(':focus').count()).toBe(0)
    await page.keyboard.press('Shift+Tab')
    expect(await focused()).toBe('198.51.100.31 6379/tcp: redis Redis')
  })

  test('a scan is compared with any before it, and taken away as a file', async () => {
    const { page, api } = open
    await go(`/scans/${scan}?view=compare`)
    const { json } = await api.send('GET', '/v1/scans?limit=200')
    // because a page of scans has items
    const base = (json.items as { id: string }[]).at(-2)?.id ?? ''
    await page.getByLabel('Earlier scan', { exact: true }).selectOption(base)
    await page.getByText('198.51.100.41:9200/tcp').first().waitFor()
    expect(new URL(page.url()).searchParams.get('base')).toBe(base)
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('link', { name: 'CSV' }).click(),
    ])
    expect(await readFile(await download.path(), 'utf8')).toContain('198.51.100.31')
  })

  test('a long list exists only where somebody looks, and comes on as they go', async () => {
    const { page, api } = open
    await api.query(
      `INSERT INTO endpoints (project_id, vantage, ip, transport, port, state, first_seen, last_seen, last_changed, service)
       SELECT p.id, 'default', '192.0.2.0'::inet + n / 256, 'tcp', 1000 + n % 256, 'open', now(), now(), now(), 'many'
       FROM projects p, generate_series(0, $1 - 1) n`,
      [MANY],
    )
    await go('/search?q=service:many')
    const rows = page.getByRole('table', { name: 'Endpoints' })
    await rows.focus()
    const last = () => rows.getByRole('row').last().getAttribute('aria-rowindex')
    await expect
      .poll(
        async () => {
          await page.keyboard.press('End')
          return Number(await last())
        },
        { timeout: 60_000 },
      )
      .toBe(MANY + 1)
    expect(await rows.getByRole('row').count()).toBeLessThan(150)
    await page.keyboard.press('Home')
    await expect.poll(() => rows.locator('.rows-line').first().getAttribute('aria-rowindex')).toBe('2')
  })

  test('a service that is away is said to be, with what to do; nothing went wrong in all of this', async () => {
    const { page, trouble } = open
    await go('/policies')
    await page.route('**/v1/hosts*', (route) => route.abort())
    await page.getByRole('link', { name: 'Hosts' }).click()
    await page.getByRole('alert').getByText('The service does not answer').waitFor()
    await page.unroute('**/v1/hosts*')
    await button('Try again').click()
    await page.getByRole('heading', { name: /^\d+ hosts/ }).waitFor()
    expect(trouble).toEqual([])
  })
})
