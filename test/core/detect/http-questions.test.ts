/** Questions for the version of a product that is known: each understands the answer its makers document. */
import { expect, test } from 'vitest'
import { createDetector } from '#core/detect/detect.ts'
import { HTTP_QUESTIONS } from '#core/detect/http-questions.data.ts'
import { PROTOCOLS } from '#core/detect/protocols.ts'
import { talkingServer } from '#test/support/live-server.ts'

const telling = HTTP_QUESTIONS.flatMap(({ path, tells }) => (tells ? [{ path, ...tells }] : []))

test.each(telling)('$path', ({ version, example: [answer, expected] }) => {
  expect(version.exec(answer)?.groups?.version).toBe(expected)
})

test.each(telling)('$path: no text makes it slow', ({ version, example: [answer] }) => {
  const started = process.cpuUsage()
  for (const piece of [
    '"version"',
    '{"Version"',
    '"Version":{',
    '<about>',
    ' ',
    '"',
    '0',
    'version="',
    answer.slice(0, 30),
  ])
    version.exec(piece.repeat(65_536 / piece.length))
  expect(process.cpuUsage(started).user).toBeLessThan(1_000_000)
})

test('the version of a product whose page does not tell it', async () => {
  const page = (type: string, body: string) =>
    `HTTP/1.1 200 OK\r\nContent-Type: ${type}\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`
  await using server = await talkingServer(null, (request) =>
    request.toString().startsWith('GET /api/health ')
      ? page('application/json', '{"commit":"895","database":"ok","version":"10.2.0"}')
      : page('text/html', '<html><head><title>Grafana</title></head></html>'),
  )
  const target = { address: '127.0.0.1', port: server.port, transport: 'tcp' } as const
  const protocols = PROTOCOLS.filter((p) => p.name === 'http')
  expect(await createDetector({ mode: 'light', protocols }).detect(target)).toMatchObject({
    service: {
      product: 'Grafana',
      version: '10.2.0',
      cpe: ['cpe:2.3:a:grafana:grafana:10.2.0:*:*:*:*:*:*:*'],
    },
  })
})
