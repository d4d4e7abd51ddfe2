import { connect } from 'node:net'
import { startApi } from '@portolan/api/start-api.ts'
import { pino } from 'pino'
import { expect, test } from 'vitest'
import { testDatabase } from '../support/test-services.ts'
import { testApi } from './test-api.ts'

/** More than the buffers between us and a reader hold. */
const ROWS = 12_000

const silent = pino({ level: 'silent' })

test('a taken port is told in words and leaves nothing open', async () => {
  const api = await testApi()
  const port = Number(new URL(api.url).port)
  const databaseUrl = await testDatabase()
  const again = startApi({ databaseUrl, queueUrl: databaseUrl, host: '127.0.0.1', port, log: silent })
  await expect(again).rejects.toThrow(`port ${port} on 127.0.0.1 is taken; set PORT to another one`)
})

test('a given first key works, and is taken once', async () => {
  const bootstrapKey = `ptl_${'ab'.repeat(8)}_${'k'.repeat(43)}`
  const api = await testApi({ bootstrapKey })
  expect(api.key).toBe(bootstrapKey)
  expect((await api.send('GET', '/v1/keys')).status).toBe(200)
})

test('a new installation may scan the addresses of the machine it runs on', async () => {
  const api = await testApi({ addresses: ['10.4.4.4', 'fd00::4'] })
  const { json } = await api.send('GET', '/v1/scopes')
  const blocks = (json.items as { cidr: string }[]).map(({ cidr }) => cidr)
  expect(blocks.sort()).toEqual(['10.4.4.4/32', '127.0.0.0/8', '::1/128', 'fd00::4/128'])
  const reply = await api.send('POST', '/v1/scans', { targets: ['10.4.4.4'], ports: '22' })
  expect(reply.status).toBe(202)
})

test('two starting at once agree on one first key and one cursor secret', async () => {
  const databaseUrl = await testDatabase()
  const [a, b] = await Promise.all([testApi({ databaseUrl }), testApi({ databaseUrl })])
  expect([a.key, b.key].filter((key) => key !== '')).toHaveLength(1)
  const [here, there] = [a.as(a.key || b.key), b.as(a.key || b.key)]
  for (let i = 0; i < 3; i++) await here('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })
  const { next } = (await here('GET', '/v1/scans?limit=1')).json
  expect((await there('GET', `/v1/scans?limit=1&cursor=${next}`)).json.items).toHaveLength(1)
})

test('without the database it refuses to start; without the queue it takes scans all the same', async () => {
  const gone = 'postgres://nobody:x@127.0.0.1:1/none'
  await expect(
    startApi({ databaseUrl: gone, queueUrl: gone, host: '127.0.0.1', port: 0, log: silent }),
  ).rejects.toThrow()
  const api = await testApi({}, { backend: 'redis', url: 'redis://127.0.0.1:1' })
  expect((await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '22' })).status).toBe(202)
  const ready = await api.send('GET', '/readyz')
  expect(ready.json).toMatchObject({ status: 'ready', queue: { ok: false } })
})

test('a request in progress ends before the stop does; an idle connection does not delay it', async () => {
  const arrived = Promise.withResolvers<void>()
  const api = await testApi({
    async resolve() {
      arrived.resolve()
      await new Promise((resolve) => setTimeout(resolve, 100))
      return ['127.0.0.1']
    },
  })
  const { port } = new URL(api.url)
  const idle = connect(Number(port), '127.0.0.1')
  await new Promise((resolve) => idle.once('connect', resolve))
  const running = api.send('POST', '/v1/scans', { targets: ['slow.test'], ports: '22' })
  await arrived.promise
  const started = performance.now()
  const [reply] = await Promise.all([running, api.stop()])
  expect(reply.status).toBe(202)
  expect(performance.now() - started).toBeLessThan(2_000)
})

test('an export under way is finished, an event stream is cut and goes on at another instance', async () => {
  const api = await testApi()
  const other = await testApi({ databaseUrl: api.databaseUrl })
  const scan = await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-100' })
  await api.query(`UPDATE scans SET status = 'running', started_at = now() WHERE id = $1`, [scan.json.id])
  await api.query(
    `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at, cpe, evidence_text)
     SELECT $1, 'default', '127.0.0.0'::inet + n, 'tcp', 9, 'open', 'syn-ack', now(), '{}', repeat('x', 2000)
     FROM generate_series(1, ${ROWS}) AS n`,
    [scan.json.id],
  )
  const headers = { Authorization: `Bearer ${api.key}`, 'Accept-Encoding': 'identity' }
  const path = `/v1/scans/${scan.json.id}`
  const [file, events] = await Promise.all(
    [`${path}/results?format=ndjson`, `${path}/events`].map((at) => fetch(`${api.url}${at}`, { headers })),
  )
  const stopped = api.stop()
  await expect(events?.text()).rejects.toThrow()
  expect((await file?.text())?.trimEnd().split('\n')).toHaveLength(ROWS)
  await stopped
  await expect(fetch(`${api.url}/healthz`)).rejects.toThrow()
  const again = await fetch(`${other.url}${path}/events`, { headers: { ...headers, 'Last-Event-ID': '1' } })
  expect(again.status).toBe(200)
  await again.body?.cancel()
})

test('what is not HTTP gets an answer that is', async () => {
  const api = await testApi()
  const say = async (bytes: string) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1')
    socket.end(bytes)
    let text = ''
    for await (const chunk of socket) text += chunk
    return text
  }
  expect(await say('HELO there\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 .*problem\+json.*"status":400/s)
  const header = `X-Long: ${'a'.repeat(20_000)}`
  expect(await say(`GET / HTTP/1.1\r\nHost: x\r\n${header}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /)
  const smuggled =
    'POST /v1/scans HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nX'
  expect(await say(smuggled)).toMatch(/^HTTP\/1\.1 400 /)
})
