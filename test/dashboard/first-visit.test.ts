/** What somebody sees who opens the page for the first time: a real browser, the real API, a real worker. */
import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'

describe.skipIf(!hasChromium)(`the dashboard${chromiumNote}`, () => {
  let open: OpenPage

  beforeAll(async () => {
    open = await openPage()
    await open.work()
  }, 120_000)
  afterAll(() => open[Symbol.asyncDispose]())

  test('signing in, a scan from the form to its open port, and signing out', async () => {
    const { page, api, trouble } = open
    const server = createServer((socket) => {
      socket.on('error', () => {}).end('SSH-2.0-OpenSSH_9.2p1 <img src=x onerror=alert(1)>\r\n')
    }).listen(0, '127.0.0.1')
    open.atEnd(() => server.close())
    await new Promise((done) => server.once('listening', done))
    const address = server.address()
    const port = typeof address === 'object' ? String(address?.port) : ''
    await page.goto(api.url)
    await page.getByLabel('API key').fill('ptl_0000000000000000_wrong')
    await page.keyboard.press('Enter')
    await page.getByText('not an API key of this service').waitFor()
    await open.signIn()
    await page.goto(`${api.url}/scans/new`)
    await page.getByLabel('Targets').fill('127.0.0.1')
    await page.getByLabel('Ports').fill(port)
    await page.getByRole('button', { name: /scan/i }).first().click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
    await page.getByText('OpenSSH').first().waitFor()
    expect(await page.locator('img[src="x"]').count()).toBe(0)
    expect(await page.context().cookies()).toMatchObject([{ httpOnly: true, sameSite: 'Strict' }])
    expect(await page.evaluate<string>('document.cookie + JSON.stringify(localStorage)')).not.toContain(
      api.key.slice(4),
    )
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByLabel('API key').waitFor()
    await page.reload()
    await page.getByLabel('API key').waitFor()
    expect(await page.context().cookies()).toEqual([])
    expect(trouble).toEqual([])
  }, 90_000)

  test('an administrator looks into the queues; nothing comes from elsewhere', async () => {
    const { page, api, trouble } = open
    await open.signIn()
    await page.goto(`${api.url}/admin/queues`)
    await page.getByText('portolan-plan').first().waitFor()
    expect(trouble).toEqual([])
  })
})
