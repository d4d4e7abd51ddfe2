/** The page in a real browser, over the real API. */
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { startWorker } from '@portolan/worker/start-worker.ts'
import { pino } from 'pino'
import { chromium, type Page } from 'playwright-core'
import { openTestApi, type TestApi } from '#test/api/test-api.ts'

const CHROMIUM = '/usr/bin/chromium'
export const hasChromium = existsSync(CHROMIUM)
/** To be put into the name of a suite that is skipped. */
export const chromiumNote = hasChromium ? '' : ' [skipped: needs Debian’s chromium]'

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']

const VIOLATION = 'against the policy of the page:'

/** In every page before its own scripts: what its policy (CSP) refuses is told, what moves by itself is added up. */
const WATCH = `
  addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI, sample }) =>
    console.error('${VIOLATION}', violatedDirective, blockedURI, sample))
  globalThis.shifted = 0
  new PerformanceObserver((list) => {
    for (const { value, hadRecentInput } of list.getEntries()) if (!hadRecentInput) globalThis.shifted += value
  }).observe({ type: 'layout-shift', buffered: true })`

export interface OpenPage extends AsyncDisposable {
  readonly api: TestApi
  readonly page: Page
  /** Requests that left the service, errors nobody caught, violations of the policy: empty when all is well. */
  readonly trouble: readonly string[]
  /** With the first key, unless another is given. */
  signIn(key?: string): Promise<void>
  /** Has somebody scan for the service, until the end. */
  work(): Promise<void>
  /** What is to be stopped before the page goes; the last first. */
  atEnd(stop: () => unknown): void
}

export async function openPage(): Promise<OpenPage> {
  const profile = mkdtempSync(path.join(tmpdir(), 'portolan-browser-'))
  const api = await openTestApi()
  const args = [...FLAGS, '--disable-sync', '--no-first-run']
  const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args })
  // The tests wait for what becomes true, and a busy machine may take its time.
  browser.setDefaultTimeout(60_000)
  const page = await browser.newPage()
  const trouble: string[] = []
  const stops: (() => unknown)[] = []
  await page.addInitScript(WATCH)
  page.on('pageerror', (error) => trouble.push(error.message))
  page.on('console', (message) => {
    if (message.text().startsWith(VIOLATION)) trouble.push(message.text())
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(api.url)) trouble.push(request.url())
  })
  return {
    api,
    page,
    trouble,
    async signIn(key = api.key) {
      await browser.clearCookies()
      await page.goto(api.url)
      await page.getByLabel('API key').fill(key)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
    },
    atEnd: (stop) => void stops.push(stop),
    async work() {
      const worker = await workFor(api)
      stops.push(() => worker.stop())
    },
    async [Symbol.asyncDispose]() {
      for (const stop of stops.reverse()) await stop()
      await browser.close()
      await api.stop()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Somebody who scans for the service of the page, and tells receivers on loopback what was found. */
function workFor({ databaseUrl }: TestApi) {
  return startWorker({
    databaseUrl,
    queueUrl: databaseUrl,
    vantage: 'default',
    name: 'test',
    version: '0',
    slots: 2,
    connections: 100,
    hostConnections: 100,
    lease: 5_000,
    client: { name: 'Portolan', url: null },
    notify: { networks: ['127.0.0.0/8'], mailServer: null },
    log: pino({ level: 'silent' }),
  })
}
