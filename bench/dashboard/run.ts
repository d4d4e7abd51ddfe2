/**
 * The dashboard over a large installation: what the first page costs, how soon something is seen, and how long a key, a
 * click or a turn of the wheel waits until the page has answered it. Real Chromium, the real API, embedded PostgreSQL.
 *
 *     node bench/dashboard/run.ts [--endpoints 100000] [--visits 5]
 *
 * Bars: 350 KB gzipped, 1 s to the first contentful paint, 200 ms from an interaction to the next paint. Prints a table
 * and one JSON line. Needs Debian's chromium, and the page built (`npm run dashboard`).
 */
import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import os from 'node:os'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { gzipSync } from 'node:zlib'
import { createDb } from '@portolan/db/client.ts'
import { migrate } from '@portolan/db/migrate.ts'
import { startPostgres } from '@portolan/embedded/postgres.ts'
import { chromium, type Page } from 'playwright-core'
import { build } from '../history/build.ts'
import { startApi } from '../start-api.ts'
import { giveServersPrecedence, takePrecedence } from '../take-precedence.ts'
import { INTERACTIONS, slowestPaint, watchPaints } from './interactions.ts'

const { values } = parseArgs({
  options: { endpoints: { type: 'string', default: '100000' }, visits: { type: 'string', default: '5' } },
})
const endpoints = Number(values.endpoints)
const KEY = `ptl_${'da'.repeat(8)}_${'d'.repeat(43)}`
takePrecedence()
const folder = await mkdtemp(path.join(os.tmpdir(), 'portolan-page-'))
// The database server runs as somebody else when we are root.
await chmod(folder, 0o755)
const postgres = await startPostgres(folder)
giveServersPrecedence(folder)
try {
  await migrate(postgres.url)
  await using db = createDb(postgres.url)
  await build(db.pool, { endpoints, observations: endpoints }, (line) => console.error(line))
  await measure()
} finally {
  await postgres.stop()
  await rm(folder, { recursive: true, force: true })
}

async function measure(): Promise<void> {
  const api = await startApi(postgres.url, { folder, key: KEY })
  const browser = await chromium.launchPersistentContext(path.join(folder, 'profile'), {
    executablePath: '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-background-networking', '--disable-component-update'],
    viewport: { width: 1280, height: 900 },
  })
  try {
    const page = await browser.newPage()
    const kilobytes = await firstVisit(page, api.url, KEY)
    report({ kilobytes, paints: await firstPaints(page, api.url), waits: await waits(page, api.url) })
  } finally {
    await browser.close()
    api.child.kill('SIGTERM')
    await once(api.child, 'exit')
  }
}

/** Signs in, and returns what the overview made the browser load of scripts and styles: kilobytes, gzipped. */
async function firstVisit(page: Page, url: string, key: string): Promise<number> {
  const sizes: Promise<number>[] = []
  page.on('response', (response) => {
    if (/\.(?:js|css|svg)$|\/$/.test(new URL(response.url()).pathname))
      sizes.push(response.body().then((body) => gzipSync(body).length))
  })
  await page.goto(url)
  await page.getByLabel('API key').fill(key)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  page.removeAllListeners('response')
  const total = (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
  return total / 1_000
}

/**
 * Milliseconds from the start of a load to the first contentful paint, of each visit; scripts come from the browser's
 * cache. The visits follow without a pause, so each waits for what the one before it asked of the database.
 */
async function firstPaints(page: Page, url: string): Promise<readonly number[]> {
  const paints: number[] = []
  for (let visit = 0; visit < Number(values.visits); visit++) {
    await page.goto(url)
    await page.getByRole('heading', { name: 'Overview' }).waitFor()
    const script = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
    paints.push(await page.evaluate<number>(script))
    console.error(`first contentful paint of visit ${visit + 1}: ${Math.round(paints.at(-1) ?? 0)} ms`)
  }
  return paints
}

async function waits(page: Page, url: string): Promise<Readonly<Record<string, number>>> {
  const found: Record<string, number> = {}
  for (const { name, path: at, act } of INTERACTIONS) {
    await page.goto(url + at)
    await page.locator('.rows-line').first().waitFor()
    await watchPaints(page)
    await act(page)
    found[name] = await slowestPaint(page)
  }
  return found
}

type Measured = {
  readonly kilobytes: number
  readonly paints: readonly number[]
  readonly waits: Readonly<Record<string, number>>
}

function report({ kilobytes, paints, waits: slowest }: Measured): void {
  const row = (measured: number, bar: number, unit: string) => ({ measured: Math.round(measured), bar, unit })
  const rows = {
    'first page, gzipped': row(kilobytes, 350, 'KB'),
    'first contentful paint, slowest': row(Math.max(...paints), 1_000, 'ms'),
    ...Object.fromEntries(Object.entries(slowest).map(([name, wait]) => [name, row(wait, 200, 'ms')])),
  }
  console.table(rows)
  console.log(JSON.stringify({ endpoints, rows }))
}
