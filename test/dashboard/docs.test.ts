/** The reference of the API (/docs) as people read it: in a real browser, from this service alone. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'

describe.skipIf(!hasChromium)(`the reference${chromiumNote}`, () => {
  let open: OpenPage
  beforeAll(async () => {
    open = await openPage()
  }, 120_000)
  afterAll(() => open[Symbol.asyncDispose]())

  test('shows an operation with its example and its ways to fail, and breaks no policy', async () => {
    const { page, api, trouble } = open
    const policy = (await page.goto(`${api.url}/docs`))?.headers()['content-security-policy'] ?? ''
    expect(policy).toContain("default-src 'none'; script-src 'self'; style-src 'self';")
    expect(policy).not.toMatch(/unsafe|\*|https?:|blob:/)
    await page.getByText('/v1/scans', { exact: true }).first().click()
    const operation = page.locator('.opblock.is-open').first()
    await operation.getByText('Start a scan').waitFor()
    await operation.getByText('out-of-scope').first().waitFor()
    expect(await operation.textContent()).toMatch(/"targets": \[/)
    expect(await page.locator('.opblock').count()).toBeGreaterThan(80)
    expect(trouble).toEqual([])
  }, 180_000)

  test('tries a call with the key that was typed in', async () => {
    const { page, api, trouble } = open
    await page.goto(`${api.url}/docs`)
    await page.locator('button.authorize').first().click()
    await page.locator('.auth-container input').first().fill(api.key)
    await page.locator('.auth-btn-wrapper button.authorize').first().click()
    await page.locator('.auth-btn-wrapper .btn-done').first().click()
    const operation = page.locator('#operations-Workers-listWorkers')
    await operation.locator('.opblock-summary').click()
    await operation.locator('.try-out__btn').click()
    await operation.locator('.execute').click()
    await operation.locator('.live-responses-table .response-col_status').first().waitFor()
    expect(await operation.locator('.live-responses-table').textContent()).toContain('200')
    expect(trouble).toEqual([])
  }, 180_000)
})
