/** What somebody sees who opens the page for the first time: a real browser, the real API, a real worker. */
import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startWorker } from '@portolan/worker/start-worker.ts'
import { pino } from 'pino'
import { type BrowserContext, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openTestApi, type TestApi } from '#test/api/test-api.ts'

const CHROMIUM = '/usr/bin/chromium'
const hasChromium = existsSync(CHROMIUM)
const note = hasChromium ? '' : ' [skipped: needs Debian’s chromium]'

describe.skipIf(!hasChromium)(`the dashboard${note}`, () => {
  const profile = mkdtempSync(path.join(tmpdir(), 'portolan-browser-'))
  const stops: (() => unknown)[] = [() => rmSync(profile, { recursive: true, force: true, maxRetries: 5 })]
  let api: TestApi
  let page: Page
  let browser: BrowserContext
  const outside: string[] = []
  const faults: string[] = []

  beforeAll(async () => {
    const built = spawnSync('npm', ['run', '-s', 'dashboard'], {
      encoding: 'utf8',
      env: { ...process.env, NODE_ENV: 'production' },
    })
    expect([built.status, built.stderr]).toEqual([0, ''])
    api = await openTestApi()
    stops.push(api.stop)
    const worker = await startWorker({
      databaseUrl: api.databaseUrl,
      queueUrl: api.databaseUrl,
      vantage: 'default',
      name: 'test',
      version: '0',
      slots: 2,
      connections: 100,
      lease: 5_000,
      client: { name: 'Portolan', url: null },
      notify: null,
      log: pino({ level: 'silent' }),
    })
    stops.push(() => worker.stop())
    const flags = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
    const options = { executablePath: CHROMIUM, args: [...flags, '--disable-sync', '--no-first-run'] }
    browser = await chromium.launchPersistentContext(profile, options)
    stops.push(() => browser.close())
    page = await browser.newPage()
    page.on('pageerror', (error) => faults.push(error.message))
    page.on('request', (request) => {
      if (!request.url().startsWith(api.url)) outside.push(request.url())
    })
  })
  afterAll(async () => {
    for (const stop of stops.reverse()) await stop()
  })

  test('signing in, a scan from the form to its open port, and signing out', async () => {
    const server: Server = createServer((socket) => {
      socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1 <img src=x onerror=alert(1)>\r\n')
    }).listen(0, '127.0.0.1')
    stops.push(() => server.close())
    await new Promise((done) => server.once('listening', done))
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    await page.goto(api.url)
    await page.getByLabel('API key').fill('ptl_0000000000000000_wrong')
    await page.keyboard.press('Enter')
    await page.getByText('not an API key of this service').waitFor()
    await page.getByLabel('API key').fill(api.key)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    await page.goto(`${api.url}/scans/new`)
    await page.getByLabel('Targets').fill('127.0.0.1')
    await page.getByLabel('Ports').fill(port)
    await page.getByRole('button', { name: /scan/i }).first().click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
    await page.getByText('OpenSSH').first().waitFor()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    expect([outside, faults]).toEqual([[], []])
  }, 60_000)
})
