/**
 * The pictures in docs/screenshots: `node scripts/screenshots.ts`, over an installation it makes up and takes down again.
 * Needs Debian's chromium, and the page built (`npm run dashboard`).
 */
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { chromium } from 'playwright-core'
import { liveThrough } from '#test/dashboard/fortnight.ts'
import { startApi } from '../bench/start-api.ts'

const KEY = `ptl_${'da'.repeat(8)}_${'d'.repeat(43)}`
const SHOTS = [
  ['overview', '/', 'light', 1280],
  ['search', '/search?q=state:open', 'light', 1280],
  ['scan', '/scans/LATEST?view=matrix', 'light', 1280],
  ['changes', '/changes', 'dark', 1280],
  ['findings', '/findings', 'dark', 1280],
  ['telephone', '/', 'dark', 390],
] as const

const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-shots-'))
// The database server runs as somebody else when we are root.
await chmod(folder, 0o755)
const postgres = await startPostgres(folder)
try {
  await migrate(postgres.url)
  const api = await startApi(postgres.url, { folder, key: KEY })
  try {
    const latest = await liveThrough({ databaseUrl: postgres.url, send: sender(api.url) })
    await take(api.url, latest)
  } finally {
    api.child.kill('SIGTERM')
    await once(api.child, 'exit')
  }
} finally {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

function sender(url: string) {
  return async (method: string, at: string, body?: unknown) => {
    const headers = { Authorization: `Bearer ${KEY}`, 'Content-Type': 'application/json' }
    const answer = await fetch(url + at, { method, headers, body: JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${at}: ${text}`)
    return { status: answer.status, headers: answer.headers, text, json: JSON.parse(text) }
  }
}

async function take(url: string, latest: string): Promise<void> {
  const browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update'],
  })
  try {
    const page = await browser.newPage()
    await page.goto(url)
    await page.getByLabel('API key').fill(KEY)
    await page.keyboard.press('Enter')
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    for (const [name, at, colorScheme, width] of SHOTS) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
      await page.setViewportSize({ width, height: 860 })
      await page.goto(url + at.replace('LATEST', latest))
      await page.locator('main h1').waitFor()
      await page.locator('main .waiting').first().waitFor({ state: 'detached' })
      await page.screenshot({ path: `docs/screenshots/${name}.png` })
    }
  } finally {
    await browser.close()
  }
}
