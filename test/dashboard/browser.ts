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

export interface OpenPage extends AsyncDisposable {
  readonly api: TestApi
  readonly page: Page
  /** Requests that left the service, and errors nobody caught: always empty when all is well. */
  readonly trouble: readonly string[]
  signIn(): Promise<void>
}

export async function openPage(): Promise<OpenPage> {
  const profile = mkdtempSync(path.join(tmpdir(), 'portolan-browser-'))
  const api = await openTestApi()
  const args = [...FLAGS, '--disable-sync', '--no-first-run']
  const browser = await chromium.launchPersistentContext(profile, { executablePath: CHROMIUM, args })
  const page = await browser.newPage()
  const trouble: string[] = []
  page.on('pageerror', (error) => trouble.push(error.message))
  page.on('request', (request) => {
    if (!request.url().startsWith(api.url)) trouble.push(request.url())
  })
  return {
    api,
    page,
    trouble,
    async signIn() {
      await page.goto(api.url)
      await page.getByLabel('API key').fill(api.key)
      await page.keyboard.press('Enter')
      await page.getByRole('heading', { name: 'Overview' }).waitFor()
    },
    async [Symbol.asyncDispose]() {
      await browser.close()
      await api.stop()
      rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
    },
  }
}

/** Somebody who scans for the service of the page. */
export function workFor({ databaseUrl }: TestApi) {
  return startWorker({
    databaseUrl,
    queueUrl: databaseUrl,
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
}
