/** From a scan to the mailbox: the outbox, and a real mail server on loopback that wants a password. */
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { createDb, type Db, DEFAULT_PROJECT } from '@portolan/db/client.ts'
import { guardOf } from '@portolan/worker/notify/guard.ts'
import { createMail } from '@portolan/worker/notify/mail.ts'
import { createNotifier, type Notifier } from '@portolan/worker/notify/notifier.ts'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test, vi } from 'vitest'
import { pastScan } from '#test/support/past-scan.ts'
import { testDatabase } from '#test/support/test-services.ts'

let db: Db
beforeAll(async () => {
  db = createDb(await testDatabase())
})
afterAll(() => db.close())
beforeEach(() => db.pool.query('DELETE FROM webhooks; DELETE FROM scans; DELETE FROM endpoints'))

type Mail = { readonly to: readonly string[]; readonly from: string; readonly text: string }

/** Takes mail from `portolan` with the password; `refuse` says how many it turns away first, as one that is busy. */
async function mailServer({ refuse = 0 } = {}): Promise<{ readonly port: number; readonly mails: readonly Mail[] }> {
  const mails: Mail[] = []
  let refused = 0
  const server = new SMTPServer({
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    onAuth: ({ username, password }, _, done) =>
      username === 'portolan' && password === 'p@ss word' ? done(null, { user: username }) : done(new Error('wrong')),
    onMailFrom(_, __, done) {
      if (refused++ >= refuse) return done()
      done(Object.assign(new Error('come back later'), { responseCode: 451 }))
    },
    async onData(stream, { envelope }, done) {
      const { mailFrom, rcptTo } = envelope
      const from = mailFrom === false ? '' : mailFrom.address
      mails.push({ from, to: rcptTo.map(({ address }) => address), text: await text(stream) })
      done()
    },
  })
  server.on('error', () => {})
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())))
  // because a server that listens on TCP has this kind of address
  const { port } = server.server.address() as AddressInfo
  return { port, mails }
}

function notifier(port: number, password = 'p@ss word'): Notifier {
  const url = `smtp://portolan:${encodeURIComponent(password)}@127.0.0.1:${port}`
  const sendMail = createMail({ url, from: 'Portolan <portolan@example.org>' })
  const ways = { guard: guardOf([], []), sendMail, client: { name: 'Portolan', url: null } }
  const running = createNotifier({ db: db.pool, ways, onError: (error) => expect.fail(String(error)) })
  onTestFinished(() => running.stop())
  return running
}

const subscribe = (digest = 'immediate') =>
  db.pool.query(
    `INSERT INTO webhooks (project_id, name, kind, events, secret, url, digest) VALUES ($1, 'mail', 'email', $2, $3, $4, $5)`,
    [DEFAULT_PROJECT, ['change.*'], Buffer.alloc(32), 'mailto:ops@example.org', digest],
  )
const SSH = { at: '127.0.0.1:22', service: { name: 'ssh', product: 'OpenSSH', version: '9.6p1' } }
const WEB = { at: '127.0.0.1:80', service: { name: 'http', product: 'nginx', version: '1.26.2' } }
const scan = (...seen: readonly (typeof SSH)[]) => pastScan(db.pool, { seen })
const deliveries = async () =>
  (
    await db.pool.query(
      `SELECT state, attempts, (SELECT error FROM delivery_attempts a WHERE a.delivery_id = d.id ORDER BY id DESC LIMIT 1) AS error
       FROM deliveries d ORDER BY seq`,
    )
  ).rows
const soon = (wanted: object) =>
  vi.waitFor(async () => expect(await deliveries()).toMatchObject(wanted), { timeout: 20_000 })

test('a change arrives as a mail; a server that is busy is asked again', async () => {
  const { port, mails } = await mailServer({ refuse: 1 })
  await subscribe()
  await scan()
  await scan(SSH)
  const running = notifier(port)
  await soon([{ state: 'pending', attempts: 1, error: /451/ }])
  await db.pool.query('UPDATE deliveries SET next_attempt_at = now()')
  running.hurry()
  await soon([{ state: 'delivered', attempts: 2 }])
  expect(mails).toMatchObject([{ from: 'portolan@example.org', to: ['ops@example.org'] }])
  expect(mails[0]?.text).toContain('127.0.0.1 tcp/22 (from default) opened: OpenSSH 9.6p1')
})

test('a wrong password is in the delivery log, without the password', async () => {
  const { port, mails } = await mailServer()
  await subscribe()
  await scan()
  await scan(SSH)
  notifier(port, 'guessed')
  await soon([{ state: 'pending', attempts: 1, error: /535/ }])
  expect(JSON.stringify(await deliveries())).not.toContain('guessed')
  expect(mails).toEqual([])
})

test('a digest is one mail', async () => {
  const { port, mails } = await mailServer()
  await subscribe('per-schedule')
  await scan()
  await scan(SSH, WEB)
  notifier(port)
  await soon([{ state: 'delivered' }])
  expect(mails).toHaveLength(1)
  expect(mails[0]?.text).toMatch(/Subject: \[Portolan\] 2 events/)
  for (const what of ['OpenSSH 9.6p1', 'nginx 1.26.2']) expect(mails[0]?.text).toContain(what)
})
