/**
 * The pictures in docs/screenshots, of the page as it is: `node scripts/screenshots.ts URL KEY`, against a service that
 * has something to show. Needs Debian's chromium.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { chromium } from 'playwright-core'

const [url = '', key = ''] = process.argv.slice(2)
const SHOTS = [
  ['overview', '/', 'light', 1280],
  ['search', '/search?q=state:open', 'light', 1280],
  ['findings', '/findings', 'dark', 1280],
  ['telephone', '/', 'dark', 390],
] as const

const profile = mkdtempSync(path.join(tmpdir(), 'portolan-shots-'))
const args = ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update']
const browser = await chromium.launchPersistentContext(profile, { executablePath: '/usr/bin/chromium', args })
try {
  const page = await browser.newPage()
  await page.goto(url)
  await page.getByLabel('API key').fill(key)
  await page.keyboard.press('Enter')
  await page.getByRole('heading', { name: 'Overview' }).waitFor()
  for (const [name, at, colorScheme, width] of SHOTS) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    await page.setViewportSize({ width, height: 860 })
    await page.goto(url + at)
    await page.locator('main h1').waitFor()
    await page.locator('main .waiting').first().waitFor({ state: 'detached' })
    await page.screenshot({ path: `docs/screenshots/${name}.png` })
  }
} finally {
  await browser.close()
  rmSync(profile, { recursive: true, force: true, maxRetries: 5 })
}
