import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { chatBody, mailOf } from '@portolan/worker/notify/formats.ts'
import { createMail } from '@portolan/worker/notify/mail.ts'
import { digestOf, type Message } from '@portolan/worker/notify/message.ts'
import { SMTPServer } from 'smtp-server'
import { expect, onTestFinished, test } from 'vitest'

const message = (said: string): Message => ({
  type: 'change.opened',
  timestamp: '2026-11-26T12:00:00.000Z',
  text: `127.0.0.1 tcp/80 (from default) opened: ${said}`,
  data: {},
})
const HOSTILE = '<!channel> <http://x|y> @everyone **b** [a](http://x) `c`\u001b[31m\u202e\r\nX'

test('what a hostile host says is text in every chat', () => {
  expect(chatBody('slack', message(HOSTILE))).toMatchObject({
    text: '127.0.0.1 tcp/80 (from default) opened: &lt;!channel&gt; &lt;http://x|y&gt; @everyone **b** [a](http://x) `c` X',
    mrkdwn: false,
  })
  const { content, allowed_mentions } = JSON.parse(JSON.stringify(chatBody('discord', message(HOSTILE))))
  expect(allowed_mentions).toEqual({ parse: [] })
  expect(content).toContain(
    '\\<\\!channel\\> \\<http\\://x\\|y\\> \\@everyone \\*\\*b\\*\\* \\[a\\]\\(http\\://x\\) \\`c\\` X',
  )
  expect(JSON.stringify(chatBody('teams', message(HOSTILE)))).toContain('\\\\[a\\\\]')
})

test('long digests are cut and counted, and fit what the chats take', () => {
  const digest = digestOf(
    Array.from({ length: 900 }, () => message('*'.repeat(500))),
    '2026-11-26T12:00:00.000Z',
  )
  const content = String(Object.entries(chatBody('discord', digest)).find(([key]) => key === 'content')?.[1])
  expect(content.length).toBeLessThanOrEqual(2000)
  expect(JSON.stringify(chatBody('slack', digest))).toContain('and 870 more')
  expect(mailOf(digest).text).toContain('and 400 more')
})

test('a mail arrives at each recipient, as text, its subject one line', async () => {
  const mails: { to: string[]; mail: string }[] = []
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    async onData(stream, session, done) {
      mails.push({ to: session.envelope.rcptTo.map(({ address }) => address), mail: await text(stream) })
      done()
    },
  })
  server.listen(0, '127.0.0.1')
  await once(server.server, 'listening')
  onTestFinished(() => new Promise<void>((done) => server.close(() => done())))
  // because a server that listens on TCP has this kind of address
  const { port } = server.server.address() as AddressInfo
  const send = createMail({ url: `smtp://127.0.0.1:${port}`, from: 'Portolan <portolan@example.org>' })
  await send({ to: ['a@example.org', 'b@example.org'], id: 'one', ...mailOf(message('x\r\nBcc: c@example.org')) })
  expect(mails.map(({ to }) => to)).toEqual([['a@example.org'], ['b@example.org']])
  expect(mails[0]?.mail).toMatch(/^Message-ID: <one@example\.org>/m)
  expect(mails[0]?.mail).toMatch(/Subject: \[Portolan\] 127\.0\.0\.1 tcp\/80/)
  expect(mails[0]?.mail).not.toMatch(/^Bcc/m)
})
