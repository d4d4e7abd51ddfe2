/** What people do all day, from the first key press to what it changes: a real browser, the real API, a real worker. */
import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { chromiumNote, hasChromium, type OpenPage, openPage } from './browser.ts'

async function listen(port: number, greeting: string): Promise<Server> {
  const server = createServer((socket) => socket.on('error', () => {}).end(greeting)).listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(Array.from({ length: count }, () => listen(0, '')))
  const ports = servers.map(portOf)
  for (const server of servers) server.close()
  return ports
}

describe.skipIf(!hasChromium)(`a day at the dashboard${chromiumNote}`, { timeout: 180_000 }, () => {
  let open: OpenPage
  let ports: readonly number[] = []

  beforeAll(async () => {
    open = await openPage()
    await open.work()
    ports = await freePorts(2)
    const server = await listen(ports[0] ?? 0, 'SSH-2.0-OpenSSH_9.2p1\r\n')
    open.atEnd(() => server.close())
    const document = { otherwise: 'forbid', severity: 'high', rules: [] }
    await open.api.send('POST', '/v1/policies', { name: 'nothing at all', document })
    await open.signIn()
  }, 120_000)
  afterAll(() => open[Symbol.asyncDispose]())

  const fillScan = async () => {
    const { page, api } = open
    await page.goto(`${api.url}/scans/new`)
    await page.getByLabel('Targets', { exact: true }).fill('127.0.0.1')
    await page.getByLabel('Ports').fill(ports.join())
  }
  test('a new scan tells first what it would do, then what it finds; what is shown stands in the address', async () => {
    const { page } = open
    await fillScan()
    await expect
      .poll(() => page.getByRole('main').locator('.fact', { hasText: 'Probes' }).textContent())
      .toBe('Probes2')
    await page.getByRole('button', { name: 'Start the scan' }).click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
    await page.getByText('OpenSSH').first().waitFor()
    await page.getByText('completed').first().waitFor()
    await page.getByLabel('Filter by service').fill('http')
    await page.keyboard.press('Enter')
    await expect.poll(() => page.getByText('OpenSSH').count()).toBe(0)
    await page.reload()
    await page.getByLabel('Filter by service').waitFor()
    expect(await page.getByLabel('Filter by service').inputValue()).toBe('http')
    expect(new URL(page.url()).searchParams.get('service')).toBe('http')
  })

  test('what cannot be scanned is told while it is typed, and why; the wishes go with the scan', async () => {
    const { page, api } = open
    await fillScan()
    const start = page.getByRole('button', { name: 'Start the scan' })
    await page.getByLabel('Targets', { exact: true }).fill('127.0.0.1, 192.0.2.1')
    const refused = page.getByRole('table', { name: 'Refused targets' }).getByRole('row', { name: /192\.0\.2\.1/ })
    await refused.waitFor()
    expect(await refused.textContent()).toMatch(/scope|range|authoris/i)
    expect(await start.isDisabled()).toBe(true)
    await page.getByLabel('Targets', { exact: true }).fill('127.0.0.1')
    await page.getByLabel('Ports').fill('99999')
    await page.locator('.field .wrong').first().waitFor()
    expect(await start.isDisabled()).toBe(true)
    await page.getByLabel('Ports').fill(String(ports[0]))
    await page.getByLabel('Rate', { exact: true }).fill('77')
    await page.getByLabel('From').selectOption('default')
    await page.getByLabel('Label').fill('by hand')
    await start.click()
    await page.waitForURL(/\/scans\/[0-9a-f-]{36}/)
    const { json } = await api.send('GET', new URL(page.url()).pathname.replace('/scans', '/v1/scans'))
    expect(json).toMatchObject({ rate: 77, vantages: ['default'], label: 'by hand', ports: String(ports[0]) })
  })

  test('a scan becomes a schedule in one step', async () => {
    const { page } = open
    await fillScan()
    await page.getByRole('button', { name: 'Repeat it…' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Name').fill('every night')
    await dialog.getByRole('button', { name: 'Schedule it' }).click()
    await page.waitForURL(/\/schedules/)
    await page.getByText('every night').first().waitFor()
    expect((await open.api.send('GET', '/v1/schedules')).json.items).toMatchObject([
      { name: 'every night', scan: { targets: ['127.0.0.1'] }, cron: '30 2 * * *' },
    ])
    await page.getByRole('link', { name: 'every night' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await page.getByText('It is paused').waitFor()
    await page.getByRole('button', { name: 'Resume' }).click()
    await page.getByRole('button', { name: 'Run now' }).click()
    await page.getByRole('table', { name: 'Runs' }).getByRole('link', { name: 'Open' }).first().waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete it' }).click()
    await page.waitForURL(/\/schedules$/)
    await page.getByText('Nothing is scheduled').waitFor()
  })

  test('a finding is snoozed, then acknowledged, with the keyboard alone', async () => {
    const { page, api } = open
    const triage = async (status: string, key: string, reason: string) => {
      await page.goto(`${api.url}/findings?status=${status}`)
      await page.getByText(String(ports[0])).first().waitFor()
      await page.keyboard.press(key)
      await page.getByRole('dialog').getByLabel('Reason').waitFor()
      await page.keyboard.type(reason)
      await page.keyboard.press('Control+Enter')
      await page.getByText(`No ${status} finding`).waitFor()
    }
    await triage('open', 's', 'after the fair')
    expect((await api.send('GET', '/v1/findings')).json.items).toMatchObject([
      { status: 'snoozed', reason: 'after the fair', snoozedUntil: expect.stringMatching(/^20/) },
    ])
    await page.goto(`${api.url}/findings?status=snoozed`)
    await page.getByText('in 7 days').first().waitFor()
    await triage('snoozed', 'a', 'the test wants it')
    const { json } = await api.send('GET', '/v1/findings')
    expect(json.items).toMatchObject([{ status: 'acknowledged', reason: 'the test wants it' }])
  })

  test('one port is asked at once, and what the answer means is said in words', async () => {
    const { page, api } = open
    const ask = async (port: number | undefined, says: RegExp) => {
      await page.goto(`${api.url}/check?host=127.0.0.1&port=${port}`)
      await page.getByRole('button', { name: 'Check it' }).click()
      const answer = page.getByRole('region', { name: `127.0.0.1, port ${port}` })
      await answer.waitFor()
      expect(await answer.textContent()).toMatch(says)
    }
    await ask(ports[0], /open.*OpenSSH 9\.2p1/)
    await ask(ports[1], /closed.*What to try/)
    await page.goto(`${api.url}/ports`)
    await page.getByLabel('Port', { exact: true }).fill('3389')
    await page.keyboard.press('Enter')
    await page.waitForURL(/\/ports\/3389$/)
    await page.getByText('never expose').first().waitFor()
  })

  test('a change appears on the page that is open, without anybody touching it', async () => {
    const { page, api } = open
    await page.goto(`${api.url}/changes`)
    await page.getByText('No such change').waitFor()
    const server = await listen(ports[1] ?? 0, '220 mail.example ESMTP Postfix\r\n')
    open.atEnd(() => server.close())
    await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: ports.join() })
    await page.getByText(`127.0.0.1:${ports[1]}`).first().waitFor()
  })

  test('a search completes its words, narrows by what was found, and leads to the history of a host', async () => {
    const { page, api } = open
    await page.goto(`${api.url}/search`)
    const box = page.getByRole('combobox', { name: 'Search endpoints' })
    await box.fill('serv')
    await page.getByRole('option').first().waitFor()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('Enter')
    await page.keyboard.type('ssh')
    await page.keyboard.press('Enter')
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toBe('service:ssh')
    await page
      .getByRole('complementary', { name: 'Narrow down' })
      .getByRole('button', { name: /OpenSSH/ })
      .click()
    await expect.poll(() => new URL(page.url()).searchParams.get('q')).toContain('product:OpenSSH')
    await page.getByRole('main').getByRole('link', { name: '127.0.0.1' }).first().click()
    await page.waitForURL(/\/hosts\/127\.0\.0\.1/)
    await page.getByText('OpenSSH').first().waitFor()
    expect(open.trouble).toEqual([])
  })

  test('a scan is seen at work: on the overview, its ports as they are found, paused, resumed and cancelled', async () => {
    const { page, api } = open
    // So many that one of them is found soon, and so slow that there is time to look.
    const many = await Promise.all(Array.from({ length: 12 }, () => listen(0, 'SSH-2.0-OpenSSH_9.2p1\r\n')))
    const spec = many.map((server) => portOf(server)).join()
    const slow = { targets: ['127.0.0.1'], ports: `${spec},1-2400`, rate: 30, label: 'slowly' }
    const { json } = await api.send('POST', '/v1/scans', slow)
    await page.goto(api.url)
    const status = (name: string) => page.locator('.page-head .badge', { hasText: name }).waitFor()
    const line = page.getByRole('listitem').filter({ hasText: 'slowly' })
    const progress = async () => Number(await line.getByRole('progressbar').getAttribute('aria-valuenow'))
    await expect.poll(progress).toBeGreaterThan(0)
    await line.getByRole('link', { name: 'slowly' }).click()
    await page.getByRole('button', { name: 'Pause' }).click()
    await status('paused')
    await page.getByRole('button', { name: 'Resume' }).click()
    await status('running')
    const found = page.getByRole('region', { name: 'Just found' })
    await found
      .getByText(/^127\.0\.0\.1:\d+\/tcp$/)
      .first()
      .waitFor({ timeout: 90_000 })
    await page.getByRole('button', { name: 'Cancel' }).click()
    await status('cancelled')
    expect((await api.send('GET', `/v1/scans/${json.id}`)).json.status).toBe('cancelled')
    await page.getByRole('button', { name: 'Scan again' }).waitFor()
    for (const server of many) server.close()
    expect(open.trouble).toEqual([])
  })
})
