/** What an administrator does: who is told, who may ask, what may be scanned, and who did what. */
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'

describe.skipIf(!hasChromium)(`setting the dashboard up${chromiumNote}`, { timeout: 180_000 }, () => {
  let open: OpenPage

  beforeAll(async () => {
    open = await openPage()
    await open.work()
    await open.signIn()
  }, 120_000)
  afterAll(() => open[Symbol.asyncDispose]())
  const go = (path: string) => open.page.goto(open.api.url + path)
  const button = (name: string | RegExp) => open.page.getByRole('button', { name })

  test('a webhook: made, tested, its delivery looked at and sent again, turned off, deleted', async () => {
    const { page, api } = open
    let got = 0
    const receiver = createServer((request, response) => {
      got++
      request.resume().on('end', () => response.writeHead(got === 1 ? 503 : 204).end())
    }).listen(0, '127.0.0.1')
    await once(receiver, 'listening')
    open.atEnd(() => receiver.close())
    // because a server that listens on TCP has this kind of address
    const { port } = receiver.address() as AddressInfo
    await go('/webhooks')
    await page.getByText('Nobody is told yet').waitFor()
    await button('New webhook').first().click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('on-call')
    await dialog.getByLabel('URL').fill('gopher://127.0.0.1/')
    await dialog.getByRole('button', { name: 'Make it' }).click()
    await dialog.getByText('must begin with https:// or http://').waitFor()
    await dialog.getByLabel('URL').fill(`http://127.0.0.1:${port}/hook`)
    await dialog.getByRole('button', { name: 'Make it' }).click()
    expect(await dialog.locator('[data-secret]').textContent()).toMatch(/^whsec_/)
    await dialog.getByRole('button', { name: 'I have it' }).click()
    await page.getByRole('link', { name: 'on-call' }).click()
    await button('Send a test').click()
    await page.getByRole('cell', { name: 'pending' }).waitFor()
    await expect.poll(() => got, { timeout: 30_000 }).toBe(1)
    await button(/^Open the log of/).click()
    await dialog.getByRole('cell', { name: '503', exact: true }).waitFor()
    await dialog.getByRole('button', { name: 'Send it again' }).click()
    await expect.poll(() => got, { timeout: 30_000 }).toBeGreaterThan(1)
    await dialog.getByRole('button', { name: 'Close' }).click()
    await page.getByRole('cell', { name: 'delivered' }).first().waitFor()
    await button('Turn off').click()
    await button('Turn on').waitFor()
    await button('Delete').click()
    await dialog.getByRole('button', { name: 'Delete it' }).click()
    await page.waitForURL(/\/webhooks$/)
    await page.getByText('Nobody is told yet').waitFor()
    expect((await api.send('GET', '/v1/webhooks')).json.items).toEqual([])
  })

  test('a key is shown once, works, is rotated, and is refused once it is revoked', async () => {
    const { page, api } = open
    const dialog = page.getByRole('dialog')
    const secret = () => dialog.locator('[data-secret]').textContent()
    const can = async (key: string | null) => (await api.as(key ?? '')('GET', '/v1/scans')).status
    await go('/keys')
    await button('New key').click()
    await dialog.getByLabel('Name').fill('nightly report')
    await dialog.getByRole('button', { name: 'Make it' }).click()
    const first = await secret()
    expect(await can(first)).toBe(200)
    await dialog.getByRole('button', { name: 'I have it' }).click()
    await page.reload()
    const line = page.getByRole('row', { name: /nightly report/ })
    await line.waitFor()
    expect(await page.content()).not.toContain(first)
    await line.getByRole('button', { name: 'Rotate' }).click()
    const second = await secret()
    expect(second).not.toBe(first)
    expect(await can(second)).toBe(200)
    await dialog.getByRole('button', { name: 'I have it' }).click()
    const revocable = page.getByRole('row', { name: /nightly report/ }).filter({ has: button('Revoke') })
    await revocable.first().getByRole('button', { name: 'Revoke' }).click()
    await dialog.getByRole('button', { name: 'Revoke it' }).click()
    await page.getByText('revoked').first().waitFor()
    await expect.poll(() => can(second)).toBe(401)
  })

  test('a network is allowed with an owner and a reason, another is excluded, both are taken out again', async () => {
    const { page } = open
    const dialog = page.getByRole('dialog')
    await go('/scopes')
    await button('Allow a network').click()
    await dialog.getByLabel('Network').fill('203.0.113.0/33')
    await dialog.getByLabel('Owner').fill('the platform team')
    await dialog.getByLabel('Reason').fill('our own range')
    await dialog.getByRole('button', { name: 'Allow it' }).click()
    await dialog.locator('.wrong').first().waitFor()
    await dialog.getByLabel('Network').fill('203.0.113.0/24')
    await dialog.getByRole('button', { name: 'Allow it' }).click()
    await button('Remove 203.0.113.0/24').waitFor()
    await button('Exclude a network').click()
    await dialog.getByLabel('Network').fill('203.0.113.7')
    await dialog.getByLabel('Reason').fill('a fragile printer')
    await dialog.getByRole('button', { name: 'Exclude it' }).click()
    await page.getByText('a fragile printer').waitFor()
    await button('Remove 203.0.113.0/24').click()
    await button('Remove 203.0.113.0/24').waitFor({ state: 'detached' })
    await button(/^Remove 203\.0\.113\.7/).click()
    await page.getByText('Nothing is excluded').waitFor()
  })

  test('a policy is checked while it is written, tried on what is known, and kept', async () => {
    const { page, api } = open
    await go('/policies/new')
    const rules = page.getByLabel('Rules')
    await page.getByLabel('Name').fill('perimeter')
    await rules.fill('{ "otherwise": "forbid", ')
    await page.locator('.wrong').first().waitFor()
    expect(await button('Save').isDisabled()).toBe(true)
    await rules.fill('{ "rules": [{ "id": "web", "effect": "perhaps" }] }')
    await button('Save').click()
    await page.getByText(/^rules\/0\/effect: must be one of allow, require, forbid$/).waitFor()
    await rules.fill('{ "otherwise": "forbid", "rules": [] }')
    await button('Try it on what is known').click()
    await page.getByText('0 violations among 0 endpoints').waitFor()
    await page.getByLabel('As it was at').fill('2026-01-01T12:00')
    await button('Try it on what is known').click()
    await button('Draft it').click()
    await expect.poll(() => rules.inputValue()).toContain('"effect"')
    await button('Save').click()
    await page.waitForURL(/\/policies\/[0-9a-f-]{36}/)
    expect((await api.send('GET', '/v1/policies')).json.items).toMatchObject([{ name: 'perimeter' }])
  })

  test('the worker that scans is there to see, and who did all of this', async () => {
    const { page, trouble } = open
    await go('/workers')
    await page.getByRole('row', { name: /test.*default.*alive/ }).waitFor()
    await go('/audit')
    const filter = page.getByLabel('Action')
    await filter.fill('key.rotate')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.locator('.rows-line').count()).toBe(1)
    expect(new URL(page.url()).searchParams.get('action')).toBe('key.rotate')
    await button(/^Show details of key.rotate/).click()
    await page.getByRole('dialog').getByText('Request').waitFor()
    expect(trouble).toEqual([])
  })
})
