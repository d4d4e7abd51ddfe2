/** Clients that take their time, on real sockets: who sends nothing or reads nothing is let go, who is slow is served. */
import { connect, type Socket } from 'node:net'
import { Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { PATIENCE } from '@portolan/api/http/listen.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { openTestApi, type TestApi, testApi } from './test-api.ts'

/** More than the buffers of both kernels and of both processes hold. */
const ROWS = 12_000
const READER = 1_000

const portOf = ({ url }: TestApi) => Number(new URL(url).port)

describe('readers', () => {
  const log: string[] = []
  let api: TestApi
  let scan: unknown
  beforeAll(async () => {
    const write = (chunk: Buffer, _encoding: string, done: () => void) => {
      log.push(String(chunk))
      done()
    }
    api = await openTestApi({
      log: pino({ level: 'info' }, new Writable({ write })),
      patience: { ...PATIENCE, reader: READER },
    })
    scan = (await api.send('POST', '/v1/scans', { targets: ['127.0.0.1'], ports: '1-100' })).json.id
    await api.query(`UPDATE scans SET status = 'running', started_at = now() WHERE id = $1`, [scan])
    await api.query(
      `INSERT INTO observations (scan_id, vantage, ip, transport, port, state, reason, seen_at, cpe, evidence_text)
       SELECT $1, 'default', '127.0.0.0'::inet + n, 'tcp', 9, 'open', 'syn-ack', now(), '{}', repeat('x', 2000)
       FROM generate_series(1, ${ROWS}) AS n`,
      [scan],
    )
  })
  afterAll(() => api.stop())

  const ask = (path: string): Socket => {
    const socket = connect(portOf(api), '127.0.0.1').on('error', () => {})
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nAuthorization: Bearer ${api.key}\r\n\r\n`)
    return socket
  }
  const cutShort = (path: string) =>
    log.some((line) => line.includes(`"path":"${path}"`) && line.includes('"complete":false'))

  test.each(['results', 'events'])('one that stops reading %s is let go', async (what) => {
    const path = `/v1/scans/${scan}/${what}`
    const socket = ask(what === 'results' ? `${path}?format=ndjson` : path)
    await new Promise((resolve) => socket.once('data', resolve))
    socket.pause()
    await vi.waitFor(() => expect(cutShort(path)).toBe(true), { timeout: 30_000, interval: 50 })
    socket.destroy()
  })

  test('one that reads slowly gets all of it, compressed or not', async () => {
    const socket = ask(`/v1/scans/${scan}/results?format=ndjson`)
    let tail = ''
    for await (const chunk of socket) {
      tail = (tail + chunk).slice(-10)
      await sleep(5)
    }
    expect(tail.endsWith('\r\n0\r\n\r\n')).toBe(true)
    for (const encoding of ['gzip', 'br']) {
      const path = `/v1/scans/${scan}/results?format=ndjson`
      const { text, headers } = await api.send('GET', path, undefined, { 'Accept-Encoding': encoding })
      expect([headers.get('content-encoding'), headers.get('vary')]).toEqual([encoding, 'Accept, Accept-Encoding'])
      expect(text.trimEnd().split('\n')).toHaveLength(ROWS)
    }
  })
})

test('headers and bodies that do not come are waited for so long and no longer', async () => {
  const api = await testApi({ patience: { ...PATIENCE, headers: 200, request: 400 } })
  const say = async (bytes: string) => {
    const socket = connect(portOf(api), '127.0.0.1').on('error', () => {})
    socket.write(bytes)
    let text = ''
    for await (const chunk of socket) text += chunk
    return text
  }
  const late = /^HTTP\/1\.1 408 .*problem\+json.*did not arrive in time/s
  const [headers, body] = await Promise.all([
    say('GET /healthz HTTP/1.1\r\nHost: x\r\n'),
    say(
      `POST /v1/scans HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${api.key}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"targets":`,
    ),
  ])
  expect(headers).toMatch(late)
  expect(body).toMatch(late)
})
